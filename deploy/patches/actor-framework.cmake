# Read by CAF's project(). Two sources have names in unnamed namespaces that others of their library have, too: they are compiled alone.
# Their targets exist only at the end of CAF's top CMakeLists.txt.
function(models_processor_compile_alone)
  set_source_files_properties(libcaf_core/src/binary_serializer.cpp TARGET_DIRECTORY libcaf_core PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  set_source_files_properties(libcaf_io/src/io/network/native_socket.cpp TARGET_DIRECTORY libcaf_io PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
if(CMAKE_CURRENT_SOURCE_DIR STREQUAL CMAKE_SOURCE_DIR)
  cmake_language(DEFER CALL models_processor_compile_alone)
endif()
