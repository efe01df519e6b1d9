#include "actors/sanitizer/extract/lead_in.hpp"

#include "messages/json/json_text.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace mp {
namespace {

using namespace std::string_view_literals;

/// Whether the bytes are a capital letter of Latin Extended-A, or a Romanian one, whose small one comes next.
bool is_latin_extended_capital(unsigned char lead, unsigned char next) {
  const auto even = next % 2 == 0;
  if (lead == 0xC4)
    return (even && next <= 0xB6 && next != 0xB0) || (!even && next >= 0xB9 && next <= 0xBD);
  if (lead == 0xC5)
    return (!even && next <= 0x87) || (even && next >= 0x8A && next <= 0xB6) || (!even && next >= 0xB9 && next <= 0xBD);
  return lead == 0xC8 && (next == 0x98 || next == 0x9A);
}

/// In lower case: ASCII, Latin and Cyrillic letters.
std::string folded(std::string_view text) {
  std::string out(text);
  for (std::size_t at = 0; at < out.size(); ++at) {
    const auto c = static_cast<unsigned char>(out[at]);
    if (c >= 'A' && c <= 'Z') {
      out[at] = static_cast<char>(c + 0x20);
    } else if (at + 1 < out.size() && (c == 0xC3 || c == 0xC4 || c == 0xC5 || c == 0xC8 || c == 0xD0)) {
      const auto next = static_cast<unsigned char>(out[at + 1]);
      if (is_latin_extended_capital(c, next))
        out[at + 1] = static_cast<char>(next + 1);
      if (c == 0xC3 && next >= 0x80 && next <= 0x9E && next != 0x97) {
        out[at + 1] = static_cast<char>(next + 0x20);
      } else if (c == 0xD0 && next >= 0x90 && next <= 0x9F) {
        out[at + 1] = static_cast<char>(next + 0x20);
      } else if (c == 0xD0 && next >= 0xA0 && next <= 0xAF) {
        out[at] = '\xD1';
        out[at + 1] = static_cast<char>(next - 0x20);
      } else if (c == 0xD0 && next >= 0x80 && next <= 0x8F) {
        out[at] = '\xD1';
        out[at + 1] = static_cast<char>(next + 0x10);
      }
      ++at;
    }
  }
  return out;
}

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

bool is_cjk(std::string_view word) { return !word.empty() && static_cast<unsigned char>(word.front()) >= 0xE3; }

/// Where `word` begins in `text` at a word's beginning, from `from` on. Scripts without blanks have it anywhere.
std::size_t find_word(std::string_view text, std::string_view word, std::size_t from = 0) {
  for (auto at = text.find(word, from); at != std::string_view::npos; at = text.find(word, at + 1))
    if (at == 0 || is_cjk(word) || !is_word_byte(text[at - 1]))
      return at;
  return std::string_view::npos;
}

template <std::size_t N>
bool has_any(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return find_word(text, word) != std::string_view::npos; });
}

// Beginnings of words, in lower case. Of inflected ones the stem.
constexpr std::array example_words{
    "example"sv, "e.g"sv, "for instance"sv, "a sample"sv, "sample:"sv, "sample json"sv, "sample output"sv, "sample answer"sv,
    "sample response"sv, "placeholder"sv, "such as"sv, "something like"sv, "like this"sv, "look like"sv, "looks like"sv,
    "looking like"sv, "would have been"sv, "could have been"sv, "would return"sv, "would answer"sv, "skeleton"sv, "illustrative"sv,
    "to illustrate"sv, "hypothetical"sv, "imagine"sv, "suppose"sv, "dummy"sv, "mocked"sv, "fictional"sv, "fictitious"sv, "made-up"sv,
    "fill in"sv, "filled in"sv, "of the form"sv,
    "beispiel"sv, "z.b"sv, "z. b"sv, "zum bsp"sv, "bspw"sv, "platzhalter"sv, "etwa so"sv, "so aus"sv, "sähe"sv,
    "exemple"sv, "p. ex"sv, "ressemble"sv, "ejemplo"sv, "p. ej"sv, "se vería"sv, "parecido a"sv, "exemplo"sv, "p.ex"sv, "ficaria"sv,
    "esempio"sv, "segnaposto"sv, "voorbeeld"sv, "bijv"sv, "przykład"sv, "np."sv, "wyglądał"sv, "příklad"sv, "např"sv, "exemplu"sv,
    "de ex."sv, "ar arăta"sv, "exempel"sv, "t.ex"sv, "örnek"sv, "örneğin"sv, "mesela"sv,
    "пример"sv, "например"sv, "образец"sv, "выглядел"sv, "приклад"sv, "наприклад"sv, "зразок"sv, "виглядал"sv,
    "例如"sv, "示例"sv, "例子"sv, "范例"sv, "样例"sv, "比如"sv, "格式为"sv, "格式是"sv, "格式："sv, "格式:"sv, "格式如下"sv,
    "例："sv, "例えば"sv, "たとえば"sv, "サンプル"sv, "ような形"sv, "形式は"sv, "形式："sv, "形式:"sv, "フォーマットは"sv,
    "예:"sv, "예시"sv, "예를 들"sv, "형식은"sv, "형식:"sv, "샘플"sv,
};

/// They make an example where the answer itself is refused, or where they stand directly before it.
constexpr std::array conditional_words{
    "would be"sv, "could be"sv, "might be"sv, "may be"sv, "would"sv, "could"sv, "might"sv, "if "sv, "wäre"sv, "würde"sv, "könnte"sv,
    "serait"sv, "pourrait"sv, "sería"sv, "podría"sv, "seria"sv, "poderia"sv, "sarebbe"sv, "potrebbe"sv, "zou"sv, "byłby"sv, "byłoby"sv,
    "byl by"sv, "ar fi"sv, "skulle"sv, "olurdu"sv, "был бы"sv, "было бы"sv, "мог бы"sv, "був би"sv, "可能是"sv, "可以是"sv, "かもしれ"sv,
    "でしょう"sv, "것입니다"sv, "수 있"sv,
};

constexpr std::array refusal_words{
    "can't"sv, "can’t"sv, "cannot"sv, "can not"sv, "unable"sv, "not able"sv, "i'm sorry"sv, "i’m sorry"sv, "i am sorry"sv, "couldn't"sv,
    "don't see"sv, "no image"sv, "no photo"sv, "kann nicht"sv, "kann ich"sv, "leider"sv, "nicht möglich"sv, "kein bild"sv, "kein foto"sv,
    "ne peux pas"sv, "désolé"sv, "impossible"sv, "no puedo"sv, "lo siento"sv, "não posso"sv, "não consigo"sv, "desculp"sv, "non posso"sv,
    "mi dispiace"sv, "non riesco"sv, "kan niet"sv, "kan ik"sv, "helaas"sv, "nie mogę"sv, "przepraszam"sv, "niestety"sv, "nemohu"sv,
    "bohužel"sv, "nu pot"sv, "îmi pare rău"sv, "kan inte"sv, "tyvärr"sv, "üzgünüm"sv, "maalesef"sv, "не могу"sv, "извини"sv,
    "к сожалению"sv, "не можу"sv, "вибач"sv, "на жаль"sv, "抱歉"sv, "无法"sv, "不能"sv, "申し訳"sv, "できません"sv, "죄송"sv, "없습니다"sv,
};

/// Words for "format". It is an example's unless one of the prepositions stands before it: "in the requested format".
constexpr std::array format_words{"template"sv, "schema"sv, "schéma"sv, "schemat"sv, "esquema"sv, "schem"sv, "схем"sv, "шаблон"sv, "structur"sv,
                                  "struktur"sv, "estructura"sv, "estrutura"sv, "struttura"sv, "vorlage"sv, "plantilla"sv, "szablon"sv,
                                  "šablon"sv, "şablon"sv, "șablon"sv, "sjabloon"sv, "模板"sv, "テンプレート"sv, "템플릿"sv,
                                  "format"sv, "formaat"sv, "formato"sv, "formát"sv, "формат"sv, "biçim"sv};
constexpr std::array format_prepositions{
    "in"sv,  "as"sv,  "into"sv, "to"sv,  "using"sv, "with"sv, "following"sv, "per"sv,  "im"sv, "als"sv,  "ins"sv, "nach"sv, "au"sv,
    "en"sv,  "dans"sv, "selon"sv, "sous"sv, "al"sv, "con"sv,   "según"sv, "no"sv,     "em"sv,  "ao"sv, "nel"sv,  "nella"sv, "secondo"sv,
    "w"sv,   "we"sv,  "ve"sv,   "v"sv,   "în"sv,    "i"sv,    "в"sv,        "во"sv,   "у"sv,   "volgens"sv, "het gevraagde"sv,
};

constexpr std::array rejected_words{
    "wrong"sv, "incorrect"sv, "invalid"sv, "not "sv, "don't"sv, "never"sv, "instead of"sv, "rather than"sv, "avoid"sv, "bad"sv, "draft"sv,
    "first guess"sv, "first attempt"sv, "first thought"sv, "initial"sv, "rough"sv, "plan:"sv, "before:"sv, "previous"sv, "old:"sv,
    "falsch"sv, "nicht"sv, "statt"sv, "entwurf"sv, "ungültig"sv, "vorher"sv,
    "faux"sv, "incorrecte"sv, "pas "sv, "au lieu de"sv, "brouillon"sv, "plutôt que"sv,
    "incorrecto"sv, "mal:"sv, "en lugar de"sv, "en vez de"sv, "borrador"sv,
    "errado"sv, "incorreto"sv, "em vez de"sv, "rascunho"sv, "sbagliat"sv, "errato"sv, "invece di"sv, "bozza"sv,
    "fout"sv, "onjuist"sv, "niet"sv, "in plaats van"sv, "błędn"sv, "niepoprawn"sv, "zamiast"sv, "szkic"sv,
    "špatn"sv, "chybn"sv, "greșit"sv, "fel:"sv, "yanlış"sv,
    "неверн"sv, "неправильн"sv, "вместо"sv, "черновик"sv, "хибн"sv, "замість"sv, "чернетк"sv,
    "错误"sv, "不是"sv, "草稿"sv, "間違"sv, "誤り"sv, "下書き"sv, "잘못"sv, "틀린"sv, "초안"sv,
};

constexpr std::array option_words{
    "option"sv, "alternativ"sv, "variant"sv, "possibilit"sv, "or:"sv, "or,"sv, "or\n"sv, "or "sv, "either"sv, "choice"sv, "scenario"sv,
    "candidate"sv, "möglichkeit"sv, "oder"sv, "entweder"sv, "variante"sv, "ou "sv, "ou :"sv, "ou:"sv, "soit"sv, "opci"sv, "o bien"sv,
    "o:"sv, "opç"sv, "opzion"sv, "oppure"sv, "optie"sv, "of:"sv, "opcj"sv, "albo"sv, "lub"sv, "możliw"sv, "nebo"sv, "možnost"sv, "sau"sv,
    "opțiun"sv, "eller"sv, "veya"sv, "ya da"sv, "seçenek"sv, "или"sv, "вариант"sv, "або"sv, "чи "sv, "варіант"sv,
    "选项"sv, "方案"sv, "或者"sv, "或："sv, "または"sv, "もしくは"sv, "選択肢"sv, "또는"sv, "옵션"sv, "선택"sv,
};

/// They say by themselves that something is replaced.
constexpr std::array correction_words{
    "correction"sv, "corrected"sv, "correcting"sv, "revised"sv, "fixed"sv, "let me fix"sv, "let me correct"sv, "amended"sv, "updated"sv,
    "i meant"sv, "should have been"sv, "scratch that"sv, "on second thought"sv, "my mistake"sv, "i made a mistake"sv,
    "korrektur"sv, "korrigiert"sv, "berichtig"sv, "überarbeitet"sv, "ich meinte"sv,
    "corrigé"sv, "rectifi"sv, "révisé"sv, "je voulais dire"sv, "corrección"sv, "corregid"sv, "revisad"sv, "quise decir"sv,
    "correção"sv, "corrigid"sv, "correzione"sv, "corretto"sv, "rivedut"sv, "correctie"sv, "gecorrigeerd"sv, "verbeterd"sv,
    "korekta"sv, "poprawk"sv, "poprawion"sv, "oprava"sv, "opraven"sv, "corectat"sv, "corectur"sv, "rättelse"sv, "korrigerad"sv,
    "düzeltme"sv, "düzeltilmiş"sv, "исправ"sv, "поправк"sv, "виправ"sv,
    "更正"sv, "修正"sv, "纠正"sv, "訂正"sv, "정정"sv, "수정"sv,
};

/// They do so only where a sentence begins with them.
constexpr std::array turning_words{
    "actually"sv, "wait"sv, "sorry"sv, "oops"sv, "hmm"sv, "no,"sv, "hold on"sv, "moment"sv, "warte"sv, "tatsächlich"sv, "eigentlich"sv,
    "halt,"sv, "entschuldig"sv, "nein,"sv, "attend"sv, "en fait"sv, "pardon"sv, "espera"sv, "en realidad"sv, "perdón"sv, "na verdade"sv,
    "espere"sv, "desculp"sv, "aspetta"sv, "in realtà"sv, "scusa"sv, "wacht"sv, "eigenlijk"sv, "czekaj"sv, "chwila"sv, "właściwie"sv,
    "počkej"sv, "vlastně"sv, "stai,"sv, "de fapt"sv, "vänta"sv, "egentligen"sv, "bekle"sv, "aslında"sv, "подожд"sv, "на самом деле"sv,
    "стоп"sv, "зачекай"sv, "насправді"sv, "等等"sv, "其实"sv, "实际上"sv, "待って"sv, "実は"sv, "いや"sv, "잠깐"sv, "사실"sv, "아니"sv,
};

bool begins_sentence(std::string_view text, std::size_t at) {
  while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '*' || text[at - 1] == '_' || text[at - 1] == '#' || text[at - 1] == '\t'))
    --at;
  if (at == 0)
    return true;
  const auto before = text[at - 1];
  return std::string_view{".!?\n:;)}]`-"}.find(before) != std::string_view::npos || text.substr(0, at).ends_with("。")
         || text.substr(0, at).ends_with("！") || text.substr(0, at).ends_with("—") || text.substr(0, at).ends_with("–");
}

/// Whether the text says that what follows replaces what came before, and does not deny it.
bool announces_correction(std::string_view text) {
  constexpr std::array denials{"no correction"sv, "not corrected"sv, "uncorrected"sv, "no need"sv, "nothing"sv, "not be"sv, "without"sv,
                               "both"sv, "first one"sv, "first is"sv, "was right"sv, "was correct"sv, "is correct"sv, "stands"sv,
                               "keine"sv, "beide"sv, "aucune"sv, "ninguna"sv, "nenhuma"sv, "nessuna"sv, "geen"sv, "nie trzeba"sv,
                               "не нужн"sv, "не треб"sv, "无需"sv, "不需"sv, "不要"sv, "필요"sv};
  if (has_any(text, denials))
    return false;
  if (has_any(text, correction_words))
    return true;
  for (const auto word : turning_words)
    for (auto at = find_word(text, word); at != std::string_view::npos; at = find_word(text, word, at + 1))
      if (begins_sentence(text, at))
        return true;
  return false;
}

/// The last two lines of text with something in them, fences left out, and at most so many bytes.
std::string_view tail_of(std::string_view text) {
  constexpr std::size_t bytes_max = 240;
  constexpr std::string_view blank = " \n\r\t`~";
  const auto last = text.find_last_not_of(blank);
  if (last == std::string_view::npos)
    return {};
  text = text.substr(0, last + 1);
  if (text.size() > bytes_max)
    text.remove_prefix(text.size() - bytes_max);
  auto lines = 0;
  for (auto at = text.size(); at > 0; --at)
    if (text[at - 1] == '\n' && ++lines == 2)
      return text.substr(at);
  return text;
}

/// From the last end of a sentence, or of a line with a value's fence, on.
std::string_view last_clause(std::string_view text) {
  auto begin = text.size();
  while (begin > 0) {
    const auto c = text[begin - 1];
    const auto at_end = begin == text.size();
    // "z. B." and "p. ej." end no sentence.
    const auto behind_word = begin >= 4 && is_word_byte(text[begin - 2]) && is_word_byte(text[begin - 3]) && is_word_byte(text[begin - 4]);
    if (!at_end && (c == '!' || c == '?' || (c == '.' && behind_word && (text[begin] == ' ' || text[begin] == '\n'))))
      break;
    --begin;
  }
  return text.substr(begin);
}

/// Whether "format" stands in the text and is what is shown, not what is kept to.
bool shows_format(std::string_view text) {
  for (const auto word : format_words)
    for (auto at = find_word(text, word); at != std::string_view::npos; at = find_word(text, word, at + 1)) {
      constexpr std::size_t near = 40;
      const auto whole_clause = last_clause(text.substr(0, at));
      const auto clause = whole_clause.substr(whole_clause.size() - std::min(whole_clause.size(), near));
      const auto kept_to = std::any_of(format_prepositions.begin(), format_prepositions.end(), [&](std::string_view preposition) {
        for (auto found = find_word(clause, preposition); found != std::string_view::npos; found = find_word(clause, preposition, found + 1))
          if (found + preposition.size() < clause.size() && !is_word_byte(clause[found + preposition.size()]))
            return true;
        return false;
      });
      const auto end = text.substr(at + word.size());
      constexpr std::array verbs{" is"sv, " was"sv, " would"sv, " should"sv, " must"sv, " ist"sv, " wäre"sv, " est"sv, " es "sv, " é "sv, " è "sv, " to:"sv};
      const auto is_told = std::any_of(verbs.begin(), verbs.end(), [&](std::string_view verb) { return end.substr(0, verb.size()) == verb; });
      constexpr std::array doings{"ted"sv, "ting"sv, "ed"sv, "ing"sv, "tiert"sv, "ieren"sv, "iert"sv, "é"sv, "owan"sv, "ado"sv, "ato"sv}; // "formatted"
      const auto is_done = std::any_of(doings.begin(), doings.end(), [&](std::string_view ending) { return end.substr(0, ending.size()) == ending; });
      if (is_told || (!kept_to && !is_done))
        return true;
    }
  return false;
}

/// Whether the text ends with the word, as "Like {...}" does before the value.
bool ends_with_word(std::string_view text, std::string_view word) {
  const auto last = text.find_last_not_of(" \n\r\t:`*");
  text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
  return text.ends_with(word) && (text.size() == word.size() || !is_word_byte(text[text.size() - word.size() - 1]));
}

constexpr std::array type_words{
    "string"sv, "str"sv, "text"sv, "number"sv, "num"sv, "int"sv, "integer"sv, "float"sv, "double"sv, "decimal"sv, "boolean"sv, "bool"sv,
    "array"sv, "list"sv, "object"sv, "null"sv, "value"sv, "any"sv, "date"sv, "zahl"sv, "wert"sv, "nombre"sv, "número"sv, "texto"sv, "texte"sv,
    "chaîne"sv, "cadena"sv, "numero"sv, "stringa"sv, "liczba"sv, "tekst"sv, "getal"sv, "число"sv, "строка"sv, "рядок"sv, "字符串"sv, "数字"sv,
    "文字列"sv, "数値"sv, "문자열"sv, "숫자"sv, "xxx"sv, "tbd"sv, "todo"sv, "placeholder"sv, "?"sv, "???"sv, "-"sv, ""sv,
};

bool is_placeholder(std::string_view value) {
  if (kind_of(value) != json_kind::string)
    return false;
  const auto content = folded(unescape(value));
  const std::string_view text = content;
  if (std::find(type_words.begin(), type_words.end(), text) != type_words.end())
    return true;
  const auto last = text.back();
  if ((text.front() == '<' && last == '>') || (text.front() == '[' && last == ']') || (text.front() == '{' && last == '}'))
    return true;
  const auto is_choice = text.find('|') != std::string_view::npos && text.find_first_of("<> ") == std::string_view::npos;
  return text == "..." || text == "…" || is_choice || text.find(" | ") != std::string_view::npos;
}

/// Whether all values in it are placeholders; `seen` counts them.
bool all_are_placeholders(std::string_view json, std::size_t& seen) {
  const auto kind = kind_of(json);
  auto all = true;
  const auto look = [&](std::string_view value) { return all = all && all_are_placeholders(value, seen); };
  if (kind == json_kind::object)
    for_each_member(json, [&](const json_member& member) { return look(member.value_raw); });
  else if (kind == json_kind::array)
    for_each_element(json, look);
  else
    all = ++seen > 0 && is_placeholder(json);
  return all;
}

} // namespace

said_of_value what_is_said(std::string_view before, std::string_view behind) {
  constexpr std::size_t before_max = 400; // what is said of a value stands near it
  constexpr std::size_t behind_max = 80;
  if (before.size() > before_max)
    before.remove_prefix(before.size() - before_max);
  if (const auto next = behind.find_first_not_of(" \n\r\t"); next != std::string_view::npos && (behind[next] == '`' || behind[next] == '~'))
    behind.remove_prefix(std::min(behind.find_first_not_of("`~", next), behind.size())); // behind the end of its fence
  behind = behind.substr(0, std::min(behind.find('\n'), behind_max));
  const auto all = folded(before);
  const auto tail = tail_of(all);
  const auto clause = last_clause(tail);
  const auto after = folded(behind);
  said_of_value said;
  const auto is_condition = has_any(clause, conditional_words);
  const auto refused = has_any(all, refusal_words) || has_any(after, refusal_words);
  const auto condition_ends = is_condition && std::any_of(conditional_words.begin(), conditional_words.end(),
                                                          [&](std::string_view word) { return ends_with_word(tail, word); });
  said.example = (refused && (is_condition || has_any(after, conditional_words))) || condition_ends || has_any(clause, example_words)
                 || shows_format(clause) || ends_with_word(tail, "like") || ends_with_word(tail, "wie")
                 || ends_with_word(tail, "comme") || ends_with_word(tail, "como") || ends_with_word(tail, "come")
                 || ends_with_word(tail, "zoals") || ends_with_word(tail, "jak") || ends_with_word(tail, "как")
                 || has_any(after, example_words) || shows_format(after);
  said.rejected = has_any(clause, rejected_words);
  said.option = has_any(all, option_words);
  said.correction = announces_correction(all);
  for (const auto word : {"better"sv, "besser"sv, "mieux"sv, "mejor"sv, "melhor"sv, "meglio"sv, "beter"sv, "lepiej"sv, "лучше"sv})
    said.correction |= ends_with_word(tail, word);
  return said;
}

bool is_form(std::string_view json) {
  std::size_t seen = 0;
  return (json.front() == '{' || json.front() == '[') && all_are_placeholders(json, seen) && seen > 0;
}

} // namespace mp
