#pragma once
// The words by which lead_in.cpp knows what the text before a value says about it.

#include <array>
#include <string_view>

namespace mp::lead_in_words {

using namespace std::string_view_literals;

// Beginnings of words, in lower case. Of inflected ones the stem. As many on a line as it takes, a language after the
// other.
// clang-format off
inline constexpr std::array example_words{
    "example"sv, "e.g"sv, "for instance"sv, "a sample"sv, "sample:"sv, "sample json"sv, "sample output"sv,
    "sample answer"sv,
    "sample response"sv, "placeholder"sv, "such as"sv, "something like"sv, "like this"sv, "look like"sv, "looks like"sv,
    "looking like"sv, "would have been"sv, "could have been"sv, "would return"sv, "would answer"sv, "skeleton"sv,
    "illustrative"sv,
    "to illustrate"sv, "hypothetical"sv, "imagine"sv, "suppose"sv, "dummy"sv, "mocked"sv, "fictional"sv,
    "fictitious"sv, "made-up"sv,
    "fill in"sv, "filled in"sv, "of the form"sv,
    "beispiel"sv, "z.b"sv, "z. b"sv, "zum bsp"sv, "bspw"sv, "platzhalter"sv, "etwa so"sv, "so aus"sv, "sähe"sv,
    "exemple"sv, "p. ex"sv, "ressemble"sv, "ejemplo"sv, "p. ej"sv, "se vería"sv, "parecido a"sv, "exemplo"sv, "p.ex"sv,
    "ficaria"sv,
    "esempio"sv, "segnaposto"sv, "voorbeeld"sv, "bijv"sv, "przykład"sv, "np."sv, "wyglądał"sv, "příklad"sv, "např"sv,
    "exemplu"sv,
    "de ex."sv, "ar arăta"sv, "exempel"sv, "t.ex"sv, "örnek"sv, "örneğin"sv, "mesela"sv,
    "пример"sv, "например"sv, "образец"sv, "выглядел"sv, "приклад"sv, "наприклад"sv, "зразок"sv, "виглядал"sv,
    "例如"sv, "示例"sv, "例子"sv, "范例"sv, "样例"sv, "比如"sv, "格式为"sv, "格式是"sv, "格式："sv, "格式:"sv, "格式如下"sv,
    "例："sv, "例えば"sv, "たとえば"sv, "サンプル"sv, "ような形"sv, "形式は"sv, "形式："sv, "形式:"sv, "フォーマットは"sv,
    "예:"sv, "예시"sv, "예를 들"sv, "형식은"sv, "형식:"sv, "샘플"sv,
};

/// They make an example where the answer itself is refused, or where they stand directly before it.
inline constexpr std::array conditional_words{
    "would be"sv, "could be"sv, "might be"sv, "may be"sv, "would"sv, "could"sv, "might"sv, "if "sv, "wäre"sv,
    "würde"sv, "könnte"sv,
    "serait"sv, "pourrait"sv, "sería"sv, "podría"sv, "seria"sv, "poderia"sv, "sarebbe"sv, "potrebbe"sv, "zou"sv,
    "byłby"sv, "byłoby"sv,
    "byl by"sv, "ar fi"sv, "skulle"sv, "olurdu"sv, "был бы"sv, "было бы"sv, "мог бы"sv, "був би"sv, "可能是"sv, "可以是"sv,
    "かもしれ"sv,
    "でしょう"sv, "것입니다"sv, "수 있"sv,
};

inline constexpr std::array refusal_words{
    "can't"sv, "can’t"sv, "cannot"sv, "can not"sv, "unable"sv, "not able"sv, "i'm sorry"sv, "i’m sorry"sv,
    "i am sorry"sv, "couldn't"sv,
    "don't see"sv, "no image"sv, "no photo"sv, "kann nicht"sv, "kann ich"sv, "leider"sv, "nicht möglich"sv,
    "kein bild"sv, "kein foto"sv,
    "ne peux pas"sv, "désolé"sv, "impossible"sv, "no puedo"sv, "lo siento"sv, "não posso"sv, "não consigo"sv,
    "desculp"sv, "non posso"sv,
    "mi dispiace"sv, "non riesco"sv, "kan niet"sv, "kan ik"sv, "helaas"sv, "nie mogę"sv, "przepraszam"sv, "niestety"sv,
    "nemohu"sv,
    "bohužel"sv, "nu pot"sv, "îmi pare rău"sv, "kan inte"sv, "tyvärr"sv, "üzgünüm"sv, "maalesef"sv, "не могу"sv,
    "извини"sv,
    "к сожалению"sv, "не можу"sv, "вибач"sv, "на жаль"sv, "抱歉"sv, "无法"sv, "不能"sv, "申し訳"sv, "できません"sv, "죄송"sv, "없습니다"sv,
};

/// Words for "format". It is an example's unless one of the prepositions stands before it: "in the requested format".
inline constexpr std::array format_words{
    "template"sv, "schema"sv, "schéma"sv, "schemat"sv, "esquema"sv, "schem"sv, "схем"sv,
    "шаблон"sv, "structur"sv,
    "struktur"sv, "estructura"sv, "estrutura"sv, "struttura"sv, "vorlage"sv,
    "plantilla"sv, "szablon"sv,
    "šablon"sv, "şablon"sv, "șablon"sv, "sjabloon"sv, "模板"sv, "テンプレート"sv, "템플릿"sv,
    "format"sv, "formaat"sv, "formato"sv, "formát"sv, "формат"sv, "biçim"sv};
inline constexpr std::array format_prepositions{
    "in"sv,  "as"sv,  "into"sv, "to"sv,  "using"sv, "with"sv, "following"sv, "per"sv,  "im"sv, "als"sv,  "ins"sv,
    "nach"sv, "au"sv,
    "en"sv,  "dans"sv, "selon"sv, "sous"sv, "al"sv, "con"sv,   "según"sv, "no"sv,     "em"sv,  "ao"sv, "nel"sv,
    "nella"sv, "secondo"sv,
    "w"sv,   "we"sv,  "ve"sv,   "v"sv,   "în"sv,    "i"sv,    "в"sv,        "во"sv,   "у"sv,   "volgens"sv,
    "het gevraagde"sv,
};

inline constexpr std::array rejected_words{
    "wrong"sv, "incorrect"sv, "invalid"sv, "not "sv, "don't"sv, "never"sv, "instead of"sv, "rather than"sv, "avoid"sv,
    "bad"sv, "draft"sv,
    "first guess"sv, "first attempt"sv, "first thought"sv, "initial"sv, "rough"sv, "plan:"sv, "before:"sv,
    "previous"sv, "old:"sv,
    "falsch"sv, "nicht"sv, "statt"sv, "entwurf"sv, "ungültig"sv, "vorher"sv,
    "faux"sv, "incorrecte"sv, "pas "sv, "au lieu de"sv, "brouillon"sv, "plutôt que"sv,
    "incorrecto"sv, "mal:"sv, "en lugar de"sv, "en vez de"sv, "borrador"sv,
    "errado"sv, "incorreto"sv, "em vez de"sv, "rascunho"sv, "sbagliat"sv, "errato"sv, "invece di"sv, "bozza"sv,
    "fout"sv, "onjuist"sv, "niet"sv, "in plaats van"sv, "błędn"sv, "niepoprawn"sv, "zamiast"sv, "szkic"sv,
    "špatn"sv, "chybn"sv, "greșit"sv, "fel:"sv, "yanlış"sv,
    "неверн"sv, "неправильн"sv, "вместо"sv, "черновик"sv, "хибн"sv, "замість"sv, "чернетк"sv,
    "错误"sv, "不是"sv, "草稿"sv, "間違"sv, "誤り"sv, "下書き"sv, "잘못"sv, "틀린"sv, "초안"sv,
};

inline constexpr std::array option_words{
    "option"sv, "alternativ"sv, "variant"sv, "possibilit"sv, "or:"sv, "or,"sv, "or\n"sv, "or "sv, "either"sv,
    "choice"sv, "scenario"sv,
    "candidate"sv, "möglichkeit"sv, "oder"sv, "entweder"sv, "variante"sv, "ou "sv, "ou :"sv, "ou:"sv, "soit"sv,
    "opci"sv, "o bien"sv,
    "o:"sv, "opç"sv, "opzion"sv, "oppure"sv, "optie"sv, "of:"sv, "opcj"sv, "albo"sv, "lub"sv, "możliw"sv, "nebo"sv,
    "možnost"sv, "sau"sv,
    "opțiun"sv, "eller"sv, "veya"sv, "ya da"sv, "seçenek"sv, "или"sv, "вариант"sv, "або"sv, "чи "sv, "варіант"sv,
    "选项"sv, "方案"sv, "或者"sv, "或："sv, "または"sv, "もしくは"sv, "選択肢"sv, "또는"sv, "옵션"sv, "선택"sv,
};

/// They say by themselves that something is replaced.
inline constexpr std::array correction_words{
    "correction"sv, "corrected"sv, "correcting"sv, "revised"sv, "fixed"sv, "let me fix"sv, "let me correct"sv,
    "amended"sv, "updated"sv,
    "i meant"sv, "should have been"sv, "scratch that"sv, "on second thought"sv, "my mistake"sv, "i made a mistake"sv,
    "korrektur"sv, "korrigiert"sv, "berichtig"sv, "überarbeitet"sv, "ich meinte"sv,
    "corrigé"sv, "rectifi"sv, "révisé"sv, "je voulais dire"sv, "corrección"sv, "corregid"sv, "revisad"sv,
    "quise decir"sv,
    "correção"sv, "corrigid"sv, "correzione"sv, "corretto"sv, "rivedut"sv, "correctie"sv, "gecorrigeerd"sv,
    "verbeterd"sv,
    "korekta"sv, "poprawk"sv, "poprawion"sv, "oprava"sv, "opraven"sv, "corectat"sv, "corectur"sv, "rättelse"sv,
    "korrigerad"sv,
    "düzeltme"sv, "düzeltilmiş"sv, "исправ"sv, "поправк"sv, "виправ"sv,
    "更正"sv, "修正"sv, "纠正"sv, "訂正"sv, "정정"sv, "수정"sv,
};

/// They do so only where a sentence begins with them.
inline constexpr std::array turning_words{
    "actually"sv, "wait"sv, "sorry"sv, "oops"sv, "hmm"sv, "no,"sv, "hold on"sv, "moment"sv, "warte"sv, "tatsächlich"sv,
    "eigentlich"sv,
    "halt,"sv, "entschuldig"sv, "nein,"sv, "attend"sv, "en fait"sv, "pardon"sv, "espera"sv, "en realidad"sv,
    "perdón"sv, "na verdade"sv,
    "espere"sv, "desculp"sv, "aspetta"sv, "in realtà"sv, "scusa"sv, "wacht"sv, "eigenlijk"sv, "czekaj"sv, "chwila"sv,
    "właściwie"sv,
    "počkej"sv, "vlastně"sv, "stai,"sv, "de fapt"sv, "vänta"sv, "egentligen"sv, "bekle"sv, "aslında"sv, "подожд"sv,
    "на самом деле"sv,
    "стоп"sv, "зачекай"sv, "насправді"sv, "等等"sv, "其实"sv, "实际上"sv, "待って"sv, "実は"sv, "いや"sv, "잠깐"sv, "사실"sv, "아니"sv,
};

/// Values of an example that names types.
inline constexpr std::array type_words{
    "string"sv, "str"sv, "text"sv, "number"sv, "num"sv, "int"sv, "integer"sv, "float"sv, "double"sv, "decimal"sv,
    "boolean"sv, "bool"sv,
    "array"sv, "list"sv, "object"sv, "null"sv, "value"sv, "any"sv, "date"sv, "zahl"sv, "wert"sv, "nombre"sv,
    "número"sv, "texto"sv, "texte"sv,
    "chaîne"sv, "cadena"sv, "numero"sv, "stringa"sv, "liczba"sv, "tekst"sv, "getal"sv, "число"sv, "строка"sv,
    "рядок"sv, "字符串"sv, "数字"sv,
    "文字列"sv, "数値"sv, "문자열"sv, "숫자"sv, "xxx"sv, "tbd"sv, "todo"sv, "placeholder"sv, "?"sv, "???"sv, "-"sv, ""sv,
};
// clang-format on

} // namespace mp::lead_in_words
