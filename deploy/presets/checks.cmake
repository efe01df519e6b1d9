# The release with all checks: mailboxes are checked in the program, too, and so is what the headers of libraries assert. What
# tests/run tests.
set(MP_PRESET checks CACHE STRING "The file of deploy/presets that this folder was configured with" FORCE)
set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1" CACHE STRING "" FORCE)
