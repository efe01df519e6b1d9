# Counts which lines run, for tests/run --coverage. Threads count, too, so atomically. Inlining would move lines to their callers.
set(MP_PRESET coverage CACHE STRING "The file of deploy/presets that this folder was configured with" FORCE)
set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS_RELEASE "-O1 -g1 -fno-inline --coverage -fprofile-update=atomic" CACHE STRING "" FORCE)
set(MP_HARDENING OFF CACHE BOOL "" FORCE)
set(MP_PATIENCE 10 CACHE STRING "" FORCE)
