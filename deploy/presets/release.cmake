# The program as it is shipped and measured; also what a plain `cmake -S . -B build` makes.
set(MP_PRESET release CACHE STRING "The file of deploy/presets that this folder was configured with" FORCE)
set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG" CACHE STRING "" FORCE)
