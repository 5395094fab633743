# Finds LibTorch (headers, libtorch_cpu, libc10) and defines LibTorch::LibTorch; sets LibTorch_LIBRARY_DIR.
#
# Searched in this order: LLMTOOL_LIBTORCH (-D or environment), CMAKE_PREFIX_PATH (-D or environment), the cache folder
# scripts/fetch_libtorch.sh fills, an installed Python package `torch`. A named LLMTOOL_LIBTORCH is the only place looked.
# PyTorch's own TorchConfig.cmake is not used: it demands nvcc for every wheel.
set(LLMTOOL_LIBTORCH_VERSION 2.11.0)

function(_llmtool_cache_folder result)
  if(NOT "$ENV{LLMTOOL_CACHE}" STREQUAL "")
    set(folder "$ENV{LLMTOOL_CACHE}")
  elseif(NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
    set(folder "$ENV{XDG_CACHE_HOME}/llmtool")
  else()
    set(folder "$ENV{HOME}/.cache/llmtool")
  endif()
  set(${result} "${folder}" PARENT_SCOPE)
endfunction()

# The package folder of the torch that python3 would import, without importing it (that takes seconds).
function(_llmtool_installed_torch result)
  find_program(LLMTOOL_PYTHON NAMES python3 python)
  mark_as_advanced(LLMTOOL_PYTHON)
  set(folder "")
  if(LLMTOOL_PYTHON)
    execute_process(
      COMMAND "${LLMTOOL_PYTHON}" -c
              "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')"
      OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  set(${result} "${folder}" PARENT_SCOPE)
endfunction()

# A prefix may be LibTorch itself, hold it, or be a Python environment's prefix or site-packages.
function(_llmtool_prefix_roots result prefix)
  file(GLOB site_packages "${prefix}/lib/python3*/site-packages/torch" "${prefix}/lib/python3*/dist-packages/torch")
  set(${result} "${prefix}" "${prefix}/torch" "${prefix}/libtorch" ${site_packages} PARENT_SCOPE)
endfunction()

function(_llmtool_libtorch_roots result)
  if(LLMTOOL_LIBTORCH)
    set(roots "${LLMTOOL_LIBTORCH}")
  elseif(NOT "$ENV{LLMTOOL_LIBTORCH}" STREQUAL "")
    set(roots "$ENV{LLMTOOL_LIBTORCH}")
  else()
    set(roots ${LibTorch_ROOT_DIR}) # the last result: environment variables may be gone when CMake runs again
    string(REPLACE ":" ";" environment_prefixes "$ENV{CMAKE_PREFIX_PATH}")
    foreach(prefix IN LISTS CMAKE_PREFIX_PATH environment_prefixes)
      _llmtool_prefix_roots(prefix_roots "${prefix}")
      list(APPEND roots ${prefix_roots})
    endforeach()
    _llmtool_cache_folder(cache)
    _llmtool_installed_torch(installed)
    list(APPEND roots "${cache}/libtorch-${LLMTOOL_LIBTORCH_VERSION}" ${installed})
  endif()
  set(${result} "${roots}" PARENT_SCOPE)
endfunction()

# The folder that holds include/ and lib/: headers and libraries always come from the same one.
function(_llmtool_first_libtorch result)
  set(needed libtorch_cpu.so)
  if(LLMTOOL_CUDA)
    set(needed libtorch_cuda.so)
  endif()
  foreach(root IN LISTS ARGN)
    if(EXISTS "${root}/include/ATen/ATen.h" AND EXISTS "${root}/lib/${needed}")
      set(${result} "${root}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  set(${result} "" PARENT_SCOPE)
endfunction()

_llmtool_libtorch_roots(_libtorch_roots)
_llmtool_first_libtorch(_libtorch_root ${_libtorch_roots})
set(LibTorch_ROOT_DIR "${_libtorch_root}" CACHE PATH "The LibTorch that was found" FORCE)
mark_as_advanced(LibTorch_ROOT_DIR)
set(LibTorch_VERSION "")
if(LibTorch_ROOT_DIR)
  set(LibTorch_INCLUDE_DIR "${LibTorch_ROOT_DIR}/include")
  set(LibTorch_LIBRARY_DIR "${LibTorch_ROOT_DIR}/lib")
  file(STRINGS "${LibTorch_INCLUDE_DIR}/torch/headeronly/version.h" _libtorch_version_line
       REGEX "^#define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
  string(REGEX MATCHALL "[0-9]+" LibTorch_VERSION "${_libtorch_version_line}")
  string(REPLACE ";" "." LibTorch_VERSION "${LibTorch_VERSION}")
endif()

include(FindPackageHandleStandardArgs)
if(LLMTOOL_CUDA)
  set(_libtorch_need "LLMTOOL_CUDA=ON needs include/ATen/ATen.h with lib/libtorch_cuda.so, and there is none")
  set(_libtorch_advice "Install torch ${LLMTOOL_LIBTORCH_VERSION} with pip and pass -DLLMTOOL_LIBTORCH=<site-packages>/torch")
else()
  set(_libtorch_need "no include/ATen/ATen.h with lib/libtorch_cpu.so")
  set(_libtorch_advice "Run scripts/fetch_libtorch.sh, or pass -DLLMTOOL_LIBTORCH=<folder with include/ and lib/>")
endif()
list(JOIN _libtorch_roots "\n    " _libtorch_looked)
find_package_handle_standard_args(
  LibTorch REQUIRED_VARS LibTorch_ROOT_DIR VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "${_libtorch_need} in
    ${_libtorch_looked}
  ${_libtorch_advice}")
if(LibTorch_FOUND AND NOT LibTorch_VERSION VERSION_EQUAL LLMTOOL_LIBTORCH_VERSION)
  message(WARNING "LibTorch ${LibTorch_VERSION} in ${LibTorch_ROOT_DIR}: llmtool is tested with ${LLMTOOL_LIBTORCH_VERSION}")
endif()

# libtorch_cuda is kept although no symbol of it is used directly: it registers its kernels when it is loaded.
function(_llmtool_add_cuda)
  file(GLOB wheel_includes "${LibTorch_ROOT_DIR}/../nvidia/*/include")
  find_path(LibTorch_CUDA_INCLUDE_DIR cuda_runtime_api.h
            HINTS ENV CUDA_HOME ENV CUDA_PATH PATHS ${wheel_includes} /usr/local/cuda PATH_SUFFIXES include)
  if(NOT LibTorch_CUDA_INCLUDE_DIR)
    message(FATAL_ERROR "LLMTOOL_CUDA=ON needs the headers of the CUDA 13 toolkit (cuda_runtime_api.h); set CUDA_HOME")
  endif()
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE "${LibTorch_CUDA_INCLUDE_DIR}")
  target_compile_definitions(LibTorch::LibTorch INTERFACE LLMTOOL_CUDA)
  target_link_libraries(
    LibTorch::LibTorch
    INTERFACE "-Wl,--push-state,--no-as-needed" "${LibTorch_LIBRARY_DIR}/libtorch_cpu.so"
              "${LibTorch_LIBRARY_DIR}/libtorch_cuda.so" "${LibTorch_LIBRARY_DIR}/libc10.so"
              "${LibTorch_LIBRARY_DIR}/libc10_cuda.so" "-Wl,--pop-state")
endfunction()

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    "${LibTorch_INCLUDE_DIR}" "${LibTorch_INCLUDE_DIR}/torch/csrc/api/include")
  # Without -fopenmp at::parallel_for in our own sources is silently serial.
  target_compile_options(LibTorch::LibTorch INTERFACE -fopenmp)
  if(LLMTOOL_CUDA)
    _llmtool_add_cuda()
  else()
    target_link_libraries(LibTorch::LibTorch INTERFACE
      "${LibTorch_LIBRARY_DIR}/libtorch_cpu.so" "${LibTorch_LIBRARY_DIR}/libc10.so")
  endif()
  # Our own OpenMP code must share the one runtime LibTorch brings; two would each start their threads.
  if(EXISTS "${LibTorch_LIBRARY_DIR}/libgomp.so.1")
    target_link_libraries(LibTorch::LibTorch INTERFACE "${LibTorch_LIBRARY_DIR}/libgomp.so.1")
  else()
    target_link_options(LibTorch::LibTorch INTERFACE -fopenmp)
  endif()
  # A wheel's libraries find the CUDA wheels beside it through their own RPATH; the linker has to be told.
  file(GLOB _cuda_wheel_dirs "${LibTorch_ROOT_DIR}/../nvidia/*/lib")
  foreach(_dir IN LISTS _cuda_wheel_dirs)
    target_link_options(LibTorch::LibTorch INTERFACE "LINKER:-rpath-link,${_dir}")
  endforeach()
endif()
