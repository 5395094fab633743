# llmtool_install_programs(): `cmake --install` lays out a tree that can be moved and needs no LibTorch elsewhere:
#   bin/llmtool  libexec/llmtool/llmtool-torch  lib/llmtool/*.so  share/{llmtool/configs,man,doc/llmtool,…}
# A CUDA build stays tied to the LibTorch it was linked with, whose CUDA libraries take several gigabytes.
function(llmtool_install_programs)
  set(library_folder "${CMAKE_INSTALL_LIBDIR}/llmtool")
  set(documents "${CMAKE_INSTALL_DOCDIR}/licenses")
  llmtool_install_program(llmtool "${CMAKE_INSTALL_BINDIR}" "${library_folder}")
  llmtool_install_program(llmtool-torch "${CMAKE_INSTALL_LIBEXECDIR}/llmtool" "${library_folder}")
  if(NOT LLMTOOL_CUDA)
    llmtool_install_script(install_libraries.cmake)
  endif()
  llmtool_install_script(install_manual.cmake)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/configs" DESTINATION "${CMAKE_INSTALL_DATADIR}/llmtool")
  install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
  if(EXISTS "${LibTorch_ROOT_DIR}/licenses")
    install(DIRECTORY "${LibTorch_ROOT_DIR}/licenses" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
  endif()
endfunction()

# The RPATH is relative to the program, so that the tree works wherever it is moved. In the build folder the folders that were
# linked from follow it, and are cut off at installation: what CMake would exchange there it pads with empty elements, each of
# which means the folder that the caller stands in.
function(llmtool_install_program target folder library_folder)
  file(RELATIVE_PATH to_libraries "/prefix/${folder}" "/prefix/${library_folder}")
  set(rpath "$ORIGIN/${to_libraries}")
  set_target_properties(${target} PROPERTIES INSTALL_RPATH "${rpath}" BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH_USE_LINK_PATH ON)
  install(TARGETS ${target} RUNTIME DESTINATION "${folder}")
  if(NOT LLMTOOL_CUDA)
    install(CODE "file(RPATH_SET FILE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${folder}/${target}\" NEW_RPATH [[${rpath}]])")
  endif()
endfunction()

# Installs by cmake/<name>.in, in which first @variables@ and then generator expressions are filled in.
macro(llmtool_install_script name)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/${name}.in" "${PROJECT_BINARY_DIR}/${name}.in" @ONLY)
  file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/${name}" INPUT "${PROJECT_BINARY_DIR}/${name}.in")
  install(SCRIPT "${PROJECT_BINARY_DIR}/${name}")
endmacro()
