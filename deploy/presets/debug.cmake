# For a debugger.
set(MP_PRESET debug CACHE STRING "The file of deploy/presets that this folder was configured with" FORCE)
set(CMAKE_BUILD_TYPE Debug CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g" CACHE STRING "" FORCE)
set(MP_PATIENCE 5 CACHE STRING "" FORCE)
