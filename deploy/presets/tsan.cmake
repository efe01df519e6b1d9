# ThreadSanitizer, for tests/run --sanitize thread. Needs the libraries of deploy/dependencies --tsan.
set(MP_PRESET tsan CACHE STRING "The file of deploy/presets that this folder was configured with" FORCE)
set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1" CACHE STRING "" FORCE)
set(MP_SANITIZE thread CACHE STRING "" FORCE)
set(MP_PATIENCE 20 CACHE STRING "" FORCE)
