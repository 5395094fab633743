# Warnings and the compiler cache: what every target of the project is built with.
add_library(llmtool_compiler INTERFACE)
# g++ 12 reports both falsely for std::string concatenation (GCC bug 105651).
target_compile_options(llmtool_compiler INTERFACE -Wall -Wextra -Wno-missing-field-initializers -Wno-psabi
                       "$<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-stringop-overflow>")
# Under -fsanitize g++ 12 falsely takes members of std::regex for uninitialised (GCC bug 105616).
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=")
  target_compile_options(llmtool_compiler INTERFACE "$<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>")
endif()
if(LLMTOOL_WERROR)
  target_compile_options(llmtool_compiler INTERFACE -Werror)
endif()
target_include_directories(llmtool_compiler INTERFACE "${CMAKE_SOURCE_DIR}/lib")
target_compile_definitions(llmtool_compiler INTERFACE LLMTOOL_VERSION="${PROJECT_VERSION}")
# The wheels' RPATH must win over LD_LIBRARY_PATH-free RUNPATH look-ups, so that one libgomp is loaded.
target_link_options(llmtool_compiler INTERFACE -Wl,--disable-new-dtags)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness settings are what ccache documents for precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      "${CCACHE_PROGRAM}")
endif()
