# Makes one document of the page's files, uPlot and the licence, the policy under which a browser shows it, and a source that has both.
#
#   cmake -D UPLOT=folder/with/uPlot.iife.min.js -D ESBUILD=program -D OUT=folder -P embed.cmake
#
# OUT gets page.html, page.policy (the value of the header Content-Security-Policy) and page.cpp (runtime/status/page.hpp).
cmake_minimum_required(VERSION 3.25)
set(here ${CMAKE_CURRENT_LIST_DIR})
set(scripts text stream glance path parts charts demo page) # in this order

# esbuild takes comments, spaces and long names out of what is ours: 18 KB in place of 32. uPlot comes minified.
function(minified result suffix)
  set(form)
  if(suffix STREQUAL "js")
    set(form --format=iife) # in a function of its own nothing is a name of the browser's window, so names can be short
  endif()
  list(TRANSFORM ARGN PREPEND ${here}/)
  list(TRANSFORM ARGN APPEND .${suffix})
  execute_process(COMMAND ${CMAKE_COMMAND} -E cat ${ARGN} COMMAND ${ESBUILD} --loader=${suffix} --minify --charset=utf8 --target=es2022 ${form}
                  --log-level=warning OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  string(STRIP "${text}" text)
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

# What the policy calls a text: base64 of its SHA-256. CMake knows hexadecimal: three digits are two of base64, and 64 are followed by
# two zeros for which there is a "=".
function(policy_hash result text)
  set(digits "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  string(SHA256 hex "${text}")
  set(base64 "")
  foreach(at RANGE 0 63 3)
    string(SUBSTRING "${hex}00" ${at} 3 three)
    math(EXPR high "0x${three} >> 6")
    math(EXPR low "0x${three} & 63")
    string(SUBSTRING ${digits} ${high} 1 high)
    string(SUBSTRING ${digits} ${low} 1 low)
    string(APPEND base64 ${high}${low})
  endforeach()
  string(SUBSTRING ${base64} 0 43 base64)
  set(${result} "'sha256-${base64}='" PARENT_SCOPE)
endfunction()

minified(style css page)
minified(ours js ${scripts})
file(READ ${UPLOT}/uPlot.iife.min.js uplot)
set(script "${uplot}\n${ours}")
if(script MATCHES "</script|<!--" OR style MATCHES "</style")
  message(FATAL_ERROR "the page's script or style holds what ends its element")
endif()
file(READ ${here}/uplot.licence licence)
file(READ ${here}/index.html page)
string(REGEX REPLACE "\n +" "\n" page "${page}")
foreach(part IN ITEMS LICENCE STYLE SCRIPT)
  string(TOLOWER ${part} value)
  string(REPLACE "@${part}@" "${${value}}" page "${page}")
endforeach()

policy_hash(script_hash "${script}")
policy_hash(style_hash "${style}")
# Nothing from elsewhere, nothing that is not of this build; no page may frame it. The demo's form shows the photo that was chosen.
string(CONCAT policy "default-src 'none'; script-src ${script_hash}; style-src ${style_hash}; connect-src 'self'; img-src data: blob:; "
       "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
file(WRITE ${OUT}/page.html "${page}")
file(WRITE ${OUT}/page.policy "${policy}")

# As numbers: compilers take no literal of this length with -Wpedantic.
file(READ ${OUT}/page.html bytes HEX)
string(REGEX REPLACE "(................................................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUT}/page.cpp "// Made by runtime/status/page/embed.cmake.
#include \"runtime/status/page.hpp\"

namespace mp::status {

namespace {

constexpr unsigned char page_bytes[] = {
${bytes}
};

} // namespace

std::string_view page() { return {reinterpret_cast<const char*>(page_bytes), sizeof page_bytes}; }

std::string_view page_policy() {
  return R\"(${policy})\";
}

} // namespace mp::status
")
