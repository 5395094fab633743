# llmtool_precompiled_header(TARGET HEADERS <a> … [LIBRARIES target …]): a library that only owns a precompiled header,
# for target_precompile_headers(… REUSE_FROM TARGET).
function(llmtool_precompiled_header target)
  cmake_parse_arguments(PARSE_ARGV 1 PCH "" "" "HEADERS;LIBRARIES")
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/${target}.cpp" CONTENT "// Owns the precompiled header.\n")
  add_library(${target} STATIC "${CMAKE_BINARY_DIR}/${target}.cpp")
  set_target_properties(${target} PROPERTIES CXX_CLANG_TIDY "") # nothing of ours to check, minutes to parse
  target_link_libraries(${target} PRIVATE llmtool_compiler ${PCH_LIBRARIES})
  target_precompile_headers(${target} PRIVATE ${PCH_HEADERS})
endfunction()

# llmtool_compile_together(TARGET): its files are compiled four at a time, so names in their anonymous namespaces are unique
# within the target. A file that includes LibTorch costs six seconds before its own code: GCC instantiates anew what the
# precompiled header left open.
function(llmtool_compile_together target)
  if(LLMTOOL_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 4)
  endif()
endfunction()

# llmtool_use_json_header(TARGET): most of its files include nlohmann/json, which costs two seconds each; they share a
# precompiled header, out of which g++ 12 warns falsely of std::string concatenation (GCC bug 105651).
function(llmtool_use_json_header target)
  target_precompile_headers(${target} REUSE_FROM llmtool_json_pch)
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>)
endfunction()

# llmtool_module(NAME SOURCES a.cpp … [OPTIONS_SOURCES b.cpp …] [USES module …] [LIBRARIES target …] [LIBTORCH])
# One static library per module; the files of one with LibTorch are compiled together. USES must agree with the table in
# lib/README.md (tests/layers checks it).
# OPTIONS_SOURCES of a LibTorch module go to llmtool::NAME_options, which the LibTorch-free front end links as well:
# option structs, their unions and the tables of known names.
function(llmtool_module name)
  cmake_parse_arguments(PARSE_ARGV 1 MODULE "LIBTORCH" "" "SOURCES;OPTIONS_SOURCES;USES;LIBRARIES")
  set(target llmtool_${name})
  add_library(${target} STATIC ${MODULE_SOURCES})
  add_library(llmtool::${name} ALIAS ${target})
  target_link_libraries(${target} PUBLIC llmtool_compiler ${MODULE_LIBRARIES})
  foreach(used IN LISTS MODULE_USES)
    target_link_libraries(${target} PUBLIC llmtool::${used})
  endforeach()
  if(MODULE_LIBTORCH)
    target_link_libraries(${target} PUBLIC LibTorch::LibTorch)
    target_precompile_headers(${target} REUSE_FROM llmtool_libtorch_pch)
    llmtool_compile_together(${target})
  else()
    llmtool_use_json_header(${target})
  endif()
  if(MODULE_OPTIONS_SOURCES)
    add_library(${target}_options STATIC ${MODULE_OPTIONS_SOURCES})
    add_library(llmtool::${name}_options ALIAS ${target}_options)
    target_link_libraries(${target}_options PUBLIC llmtool::core)
    target_link_libraries(${target} PUBLIC ${target}_options)
    foreach(used IN LISTS MODULE_USES)
      if(TARGET llmtool::${used}_options)
        target_link_libraries(${target}_options PUBLIC llmtool::${used}_options)
      endif()
    endforeach()
    llmtool_use_json_header(${target}_options)
  endif()
endfunction()

# llmtool_test(NAME SOURCES a_test.cpp … [USES module …] [LIBTORCH]): one Catch2 program per module.
function(llmtool_test name)
  cmake_parse_arguments(PARSE_ARGV 1 TEST "LIBTORCH" "" "SOURCES;USES;LIBRARIES")
  set(target ${name}_test)
  add_executable(${target} ${TEST_SOURCES})
  target_link_libraries(${target} PRIVATE llmtool_compiler llmtool_test_support ${TEST_LIBRARIES})
  foreach(used IN LISTS TEST_USES)
    target_link_libraries(${target} PRIVATE llmtool::${used})
  endforeach()
  if(TEST_LIBTORCH)
    target_link_libraries(${target} PRIVATE llmtool_libtorch_test_support)
    target_precompile_headers(${target} REUSE_FROM llmtool_libtorch_test_pch)
    llmtool_compile_together(${target})
  else()
    target_precompile_headers(${target} REUSE_FROM llmtool_test_pch)
  endif()
  # The shared precompiled headers are built with -fPIC, which the -fPIE of executables would not match.
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${target} PRIVATE -fPIC)
  # Catch2's macros cost more to optimise than the tests gain.
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  catch_discover_tests(${target} TEST_PREFIX "${name}: "
                       PROPERTIES TIMEOUT 300)
endfunction()
