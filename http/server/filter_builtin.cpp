#include "http/server/filter_builtin.hpp"

#include <array>

namespace weappd::http {
namespace {

// Patterns see texts as filter_text.hpp gives them. `.` matches line ends, too, and `\s` is white space of
// ASCII. No counted repetitions of much: they make the automaton of all rules large.
constexpr std::array builtin_set{
    builtin_rule{"sql_union",
                 R"re(\bunion\b[\s(]+(?:(?:all|distinct)\b[\s(]*)?select\b[\s(]*)re"
                 R"re((?:[\d*'"@`]|null\b|[\w.]+\s*[,(]|[\w.]+\s+from\b))re",
                 "a second query whose results follow those of the first: `UNION SELECT` with columns"},
    // Literals on both sides. After `and`, bare numbers count only without spaces around the sign: people
    // write "2 and 2 = 4".
    builtin_rule{
        "sql_tautology",
        R"re((?:\b(?:or|and|xor|having|where)\b|\|\||&&)[\s(!~+-]*(?:'[^']*'|"[^"]*")\s*)re"
        R"re((?:=|<>|!=|\blike\b|\bin\b)\s*[('"\d])re"
        R"re(|(?:\b(?:or|xor|having)\b|\|\|)[\s(!~+-]*\d+(?:[<>]|\s*(?:=|<>|!=|\blike\b)\s*)[('"]?\d)re"
        R"re(|(?:\b(?:and|where)\b|&&)[\s(!~+-]*\d+(?:=|<>|!=|<|>)[('"]?\d)re"
        R"re(|['"]\s*(?:\|\||&&|\b(?:or|xor)\b)[\s(]*(?:true\b|not\b|\d+\s*(?:--|#|/\*|$)))re"
        R"re(|\b(?:and|or)\s+(?:true|false)\s*(?:--|#)|['"][\s)]*(?:and|or)\s+[\w.]+\s+(?:like\s+['"(]|is\s+null|in\s*\())re",
        "a condition that always or never holds: `' OR '1'='1`"},
    builtin_rule{
        "sql_comment",
        R"re((?:^|[\w%)\s])['"`][\s)]*;?\s*(?:--[\s+-]*\w?$|--[\s+]*(?:and|or)\b|#\s*$|/\*)|;\s*--\s*$)re",
        "a quote and a comment that hides the rest of the query: `admin'--`"},
    builtin_rule{
        "sql_statement",
        R"re([;'")][\s)]*(?:drop\s+(?:table|database|schema|view|user|index)\s+(?:if\s+exists\s+)?)re"
        R"re([\w.`"\[\]]+\s*(?:;|--|#|/\*|,|cascade\b|$)|delete\s+from\s+[\w.`"]+\s*(?:;|--|#|$|where\b))re"
        R"re(|insert\s+into\s+[\w.`"]+\s*(?:\(|values\b|select\b)|update\s+[\w.`"]+\s+set\s+[\w.`"]+\s*=)re"
        R"re(|truncate\s+table\s+\w|(?:alter|create)\s+(?:table|user|login|database|role)\s+[\w.`"]+\s*[\w(;])re"
        R"re(|select\s+(?:[\w.@*`", ]+\bfrom\s+[\w.`"]+\s*(?:;|--|#|$|where\b|limit\b|order\b)|\w+\s*\(|@@))re"
        R"re(|exec(?:ute)?[\s(]+(?:xp_|sp_|master|immediate\b)|declare\s+@\w|shutdown\s*(?:;|--|$|with\b)))re",
        "a further statement behind a semicolon, quote or bracket: `'; DROP TABLE users`"},
    builtin_rule{
        "sql_subquery",
        R"re([(=,]\s*select\s+(?:\(|\*\s*from\b|@@|\w+\s*\(|null\b|'|\d+\s*(?:from\b|\)|,))re"
        R"re(|[\w.]+\s*,[\w., ]+\bfrom\s|[\w.]+\s+from\s+[\w.`]+\s*(?:\)|where\b|limit\b|order\s+by\b|--)))re"
        R"re(|(?:['")]|^-?\d+)\s*order\s+by\s+\d+\s*(?:--|#|/\*|,\s*\d)|\bhaving\s+\d+=\d)re",
        "a query within a query, and the counting of columns: `(SELECT password FROM users LIMIT 1)`"},
    builtin_rule{
        "sql_function",
        R"re((?:['")|&]|\b(?:or|and|xor|select|where|if)\b)[\s(+!,]*)re"
        R"re((?:(?:sleep|substr|substring|mid|ascii|ord|char|chr|hex|length|elt)\(\s*['"\d(a-z@])re"
        R"re(|(?:version|database|user|current_user)\s*\(\s*\)|if\s*\(\s*(?:\d|\w+\()|exp\(~))re"
        R"re(|\bwaitfor\s+(?:delay|time)\s*['"(]|\b(?:pg_sleep|load_file|extractvalue|updatexml)\s*\(\s*[\w'"])re"
        R"re(|\bbenchmark\s*\(\s*\d+\s*,|\bdbms_(?:pipe|lock|ldap)\.\w|\butl_(?:http|inaddr)\.\w|\bxp_(?:cmdshell|dirtree)\b)re"
        R"re(|\binto\s+(?:outfile|dumpfile)\b|\binformation_schema\s*\.\s*\w|\brandomblob\(|@@version\b|\bsqlite_master\b)re",
        "functions and tables by which attacks find things out: `OR SLEEP(5)`"},
    builtin_rule{"xss_script",
                 R"re(<[\s/]*script(?:[\s/>:]|$)|<\s*/\s*(?:title|textarea|style|noscript)\s*>\s*<)re",
                 "a script element: `<script>`"},
    builtin_rule{
        "xss_handler",
        R"re(<[a-z!/?][^<>]*?[\s/"'`]on[a-z]+\s*=|["'`][\s/]*on(?:animation\w*|auxclick|before\w+|blur|change)re"
        R"re(|click|copy|cut|dblclick|drag\w*|drop|error|focus\w*|input|key\w+|load\w*|message|mouse\w+|page\w+|paste)re"
        R"re(|pointer\w+|reset|resize|scroll\w*|select|start|submit|toggle|touch\w+|transition\w+|unload|wheel)\s*=)re"
        R"re(|\bon[a-z]+\s*=\s*["']?(?:alert|confirm|prompt|eval|fetch|document|location|javascript)\b)re",
        "an attribute that runs a script: `onerror=`"},
    builtin_rule{
        "xss_address",
        R"re((?:^|["'=(\s])(?:j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t|vbscript|livescript)\s*(?::|&colon;?)\s*)re"
        R"re((?:[\w.$\[\]"']+\s*[(=`\[]|//|/\*|%|\\|void\b|[`'"(&])|=["'\s]*&#(?:x?0*(?:6a|106|4a|74))\b)re"
        R"re(|\bdata\s*:\s*(?:text/html|image/svg\+xml))re",
        "an address that is a script: `javascript:alert(1)`"},
    builtin_rule{
        "xss_element",
        R"re(<\s*(?:iframe|embed|applet|frameset|frame|svg|math|isindex|portal)(?:[\s/>]|$))re"
        R"re(|<\s*(?:object|base|link|meta|form|style)[\s/]+[\w:-]+\s*=|<\s*\w+[\s/]+[^<>]*?)re"
        R"re((?:\bsrcdoc\s*=|\bformaction\s*=|\bhttp-equiv\s*=|=\s*["'`]?\s*(?:java|vbscript|data:text)|expression\s*\())re"
        R"re(|<!\[cdata\[|<!entity\b|-moz-binding\s*:|@import\s*['"(u])re",
        "an element that brings something in from elsewhere: `<iframe src=`"},
    builtin_rule{
        "xss_code",
        R"re(^(?:alert|confirm|prompt|eval)\([^)]*\)+;?$|["'`;{}(=+/\[-]\s*(?:(?:window|self|top|parent|this|globalthis)\s*[.\[]\s*["']?)?)re"
        R"re((?:alert|confirm|prompt|eval|settimeout|setinterval|fetch)["'\]]*[(`][^)`]*[)`]\s*(?:["'`;}/<*+-]|$))re"
        R"re(|["'`;{}(=+/-]\s*document\s*\.\s*(?:cookie|write\w*\s*\(|domain)|\bstring\.fromcharcode\s*\()re"
        R"re(|\bconstructor\s*\.\s*constructor\b|["']constructor["']\s*\]|\b(?:document|window)\s*\.\s*location\s*=)re"
        R"re(|\.innerhtml\s*=|\$\{\s*(?:alert|jndi:)|\b(?:window|self|top|parent|globalthis)\s*\[[^\]]*\]\s*[(`])re",
        "script that breaks out of the text that it was put in: `';alert(1)//`"},
};

} // namespace

std::span<const builtin_rule> builtin_filter_rules() {
  return builtin_set;
}

} // namespace weappd::http
