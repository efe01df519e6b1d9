#define CAF_SUITE mended_scalars
#include "tests/support/test.hpp"

#include "tests/unit/sanitizer/cases.hpp"

using namespace mp;

CLEANING_CASES("syntax: Python True, False and None", json_stop,
               {"as values", R"({"a":True,"b":False,"c":None})", R"({"a":true,"b":false,"c":null})", "python_literal"},
               {"in a list", R"({"a":[True, None, False]})", R"({"a":[true,null,false]})", "python_literal"},
               {"in capitals", R"({"a":TRUE,"b":NULL})", R"({"a":true,"b":null})", "python_literal"},
               {"in a string they are text", R"({"a":"None of it is True",})", R"({"a":"None of it is True"})",
                "trailing_comma"},
               {"a name may be called so", R"({"None":1,})", R"({"None":1})", "trailing_comma"},
               {"a whole Python value", R"({'a': True, 'b': [1, None]})", R"({"a":true,"b":[1,null]})",
                "single_quotes,python_literal"})

CLEANING_CASES("syntax: NaN and undefined are null, Infinity is not a value", json_stop,
               {"NaN, as JSON.stringify writes it", R"({"a":NaN})", R"({"a":null})", "not_a_value"},
               {"undefined in a list", R"({"a":[undefined]})", R"({"a":[null]})", "not_a_value"},
               {"Infinity is more than null", R"({"a":Infinity})", "invalid_answer"},
               {"minus Infinity", R"({"a":-Infinity})", "invalid_answer"},
               {"minus NaN", R"({"a":-NaN})", "invalid_answer"},
               {"nan may be a word", R"({"a":nan})", "invalid_answer"})

CLEANING_CASES("syntax: a leading plus, a point without digits", json_stop,
               {"plus", R"({"a":+5})", R"({"a":5})", "number_form"},
               {"plus before a point", R"({"a":+.5})", R"({"a":0.5})", "number_form"},
               {"no digit before the point", R"({"a":[.5,-.5]})", R"({"a":[0.5,-0.5]})", "number_form"},
               {"no digit behind the point", R"({"a":5.})", R"({"a":5.0})", "number_form"},
               {"a point alone", R"({"a":.})", "invalid_answer"}, {"a sign alone", R"({"a":-})", "invalid_answer"},
               {"an exponent without digits", R"({"a":1e})", "invalid_answer"},
               {"a sign at the end of the text", "{\"a\":1,\"b\":+", "invalid_answer"})

CLEANING_CASES("syntax: leading zeros", json_stop,
               {"one digit is the same in every base", R"({"a":007})", R"({"a":7})", "number_form"},
               {"nine is no octal digit", R"({"a":0285})", R"({"a":285})", "number_form"},
               {"before a point", R"({"a":00.5})", R"({"a":0.5})", "number_form"},
               {"eight or ten?", R"({"a":010})", "invalid_answer"},
               {"in a list it may be two numbers", R"({"a":[1,000]})", "invalid_answer"})

CLEANING_CASES("syntax: 1,000 and 1_000", json_stop,
               {"as a member's value", R"({"a":1,000,"b":2})", R"({"a":1000,"b":2})", "number_form"},
               {"as the last member's value", R"({"a":1,234,567})", R"({"a":1234567})", "number_form"},
               {"with a fraction", R"({"a":1,234.50})", R"({"a":1234.50})", "number_form"},
               {"in a list it is two numbers", R"({"a":[1,200],})", R"({"a":[1,200]})", "trailing_comma"},
               {"the comma may end the member", R"({"a":1,234:5})", R"({"a":1,"234":5})", "unquoted_key"},
               {"Python's form", R"({"a":1_000})", R"({"a":1000})", "number_form"})

CLEANING_CASES("syntax: hexadecimal numbers", json_stop, {"digits", R"({"a":0x1F})", R"({"a":31})", "number_form"},
               {"negative", R"({"a":-0x10})", R"({"a":-16})", "number_form"},
               {"no digits", R"({"a":0x})", "invalid_answer"},
               {"more than fit", R"({"a":0x1234567890ABCDEF0})", "invalid_answer"})

CLEANING_CASES("syntax: percentages, ranges, dates and the like are not numbers", json_stop,
               {"a percentage", R"({"a":50%})", "invalid_answer"}, {"a range", R"({"a":100-200})", "invalid_answer"},
               {"about", R"({"a":~285})", "invalid_answer"}, {"money", R"({"a":$5})", "invalid_answer"},
               {"a date", R"({"a":2024-01-31})", "invalid_answer", "", true},
               {"a version", R"({"a":1.2.3})", "invalid_answer", "", true},
               {"a product", R"({"a":3*4})", "invalid_answer"})

CLEANING_CASES("syntax: 1/2 and the like", json_stop,
               {"a fraction: a half, or one and two?", R"({"a":1/2})", "invalid_answer"})

CLEANING_CASES("syntax: units", json_stop, {"a unit: text or number?", R"({"a":5kg})", "invalid_answer"},
               {"a unit behind a space", R"({"a":12 g,"b":1})", "invalid_answer"},
               {"in a string they are text", R"({"a":"5kg","b":"1/2",})", R"({"a":"5kg","b":"1/2"})", "trailing_comma"})

CLEANING_CASES("numbers are kept as they are written, also where something else is mended", json_stop,
               {"zeros at the end", R"({"a":12.0,"b":1.50,})", R"({"a":12.0,"b":1.50})", "trailing_comma"},
               {"exponents", R"({"a":1E+5,"b":1e-3,})", R"({"a":1E+5,"b":1e-3})", "trailing_comma"},
               {"minus zero", R"({"a":-0,})", R"({"a":-0})", "trailing_comma"},
               {"more digits than a double has", R"({"a":12345678901234567890.123456789,})",
                R"({"a":12345678901234567890.123456789})", "trailing_comma"},
               {"beyond a double", R"({"a":1e999,})", R"({"a":1e999})", "trailing_comma"},
               {"an exponent no reader takes", R"({"a":1e99999999999,})", "invalid_answer"})
