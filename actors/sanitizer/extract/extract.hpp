#pragma once
// What lies in a model's text: its own turn, thinking, fences, the JSON values, and which of them is the answer. One
// header, so that whoever cleans answers depends on this folder and not on its files.

#include "actors/sanitizer/extract/choose_answer.hpp" // IWYU pragma: export
#include "actors/sanitizer/extract/fences.hpp"        // IWYU pragma: export
#include "actors/sanitizer/extract/find_values.hpp"   // IWYU pragma: export
#include "actors/sanitizer/extract/lead_in.hpp"       // IWYU pragma: export
#include "actors/sanitizer/extract/own_turn.hpp"      // IWYU pragma: export
#include "actors/sanitizer/extract/thinking.hpp"      // IWYU pragma: export
