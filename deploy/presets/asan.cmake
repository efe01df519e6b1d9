# Address and undefined behaviour checks, for tests/run --sanitize address.
set(MP_PRESET asan CACHE STRING "The file of deploy/presets that this folder was configured with" FORCE)
set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1" CACHE STRING "" FORCE)
set(MP_SANITIZE address,undefined CACHE STRING "" FORCE)
set(MP_PATIENCE 20 CACHE STRING "" FORCE)
