# Finds LibTorch (headers, libtorch_cpu, libc10) and defines LibTorch::LibTorch.
#
# Searched in this order: -DLLMTOOL_LIBTORCH, CMAKE_PREFIX_PATH, the cache folder scripts/fetch_libtorch.sh fills,
# an installed Python package `torch`. PyTorch's own TorchConfig.cmake is not used: it demands nvcc for every wheel.
set(LLMTOOL_LIBTORCH_VERSION 2.11.0)

set(_llmtool_cache "$ENV{LLMTOOL_CACHE}")
if(NOT _llmtool_cache)
  if(DEFINED ENV{XDG_CACHE_HOME})
    set(_llmtool_cache "$ENV{XDG_CACHE_HOME}/llmtool")
  else()
    set(_llmtool_cache "$ENV{HOME}/.cache/llmtool")
  endif()
endif()

set(_libtorch_roots "")
if(LLMTOOL_LIBTORCH)
  list(APPEND _libtorch_roots "${LLMTOOL_LIBTORCH}")
else()
  foreach(_prefix IN LISTS CMAKE_PREFIX_PATH)
    list(APPEND _libtorch_roots "${_prefix}" "${_prefix}/torch" "${_prefix}/libtorch")
  endforeach()
  list(APPEND _libtorch_roots "${_llmtool_cache}/libtorch-${LLMTOOL_LIBTORCH_VERSION}")
  find_program(_llmtool_python NAMES python3 python)
  if(_llmtool_python)
    execute_process(
      COMMAND "${_llmtool_python}" -c
              "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')"
      OUTPUT_VARIABLE _installed_torch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(_installed_torch)
      list(APPEND _libtorch_roots "${_installed_torch}")
    endif()
  endif()
endif()

find_path(LibTorch_INCLUDE_DIR ATen/ATen.h PATHS ${_libtorch_roots} PATH_SUFFIXES include NO_DEFAULT_PATH)
find_library(LibTorch_CPU_LIBRARY torch_cpu PATHS ${_libtorch_roots} PATH_SUFFIXES lib NO_DEFAULT_PATH)
find_library(LibTorch_C10_LIBRARY c10 PATHS ${_libtorch_roots} PATH_SUFFIXES lib NO_DEFAULT_PATH)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  LibTorch REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "run scripts/fetch_libtorch.sh, or pass -DLLMTOOL_LIBTORCH=<folder with include/ and lib/>")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  get_filename_component(LibTorch_LIBRARY_DIR "${LibTorch_CPU_LIBRARY}" DIRECTORY)
  get_filename_component(_libtorch_root "${LibTorch_LIBRARY_DIR}" DIRECTORY)
  # An installed wheel finds its CUDA runtime wheels beside it; linking needs them by name as well.
  file(GLOB _cuda_wheel_dirs "${_libtorch_root}/../nvidia/*/lib")
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    "${LibTorch_INCLUDE_DIR}" "${LibTorch_INCLUDE_DIR}/torch/csrc/api/include")
  # Without -fopenmp at::parallel_for in our own sources is silently serial.
  target_compile_options(LibTorch::LibTorch INTERFACE -fopenmp)
  target_link_libraries(LibTorch::LibTorch INTERFACE "${LibTorch_CPU_LIBRARY}" "${LibTorch_C10_LIBRARY}")
  # The wheel's libgomp comes first in the search path, so that the process loads one OpenMP runtime.
  target_link_options(LibTorch::LibTorch INTERFACE "-Wl,-rpath,${LibTorch_LIBRARY_DIR}" "-L${LibTorch_LIBRARY_DIR}")
  foreach(_dir IN LISTS _cuda_wheel_dirs)
    target_link_options(LibTorch::LibTorch INTERFACE "-Wl,-rpath-link,${_dir}")
  endforeach()
  if(LLMTOOL_CUDA)
    find_library(LibTorch_CUDA_LIBRARY torch_cuda PATHS ${_libtorch_roots} PATH_SUFFIXES lib NO_DEFAULT_PATH REQUIRED)
    find_library(LibTorch_C10_CUDA_LIBRARY c10_cuda PATHS ${_libtorch_roots} PATH_SUFFIXES lib NO_DEFAULT_PATH REQUIRED)
    target_link_libraries(LibTorch::LibTorch INTERFACE
      -Wl,--no-as-needed "${LibTorch_CUDA_LIBRARY}" "${LibTorch_C10_CUDA_LIBRARY}" -Wl,--as-needed)
    target_compile_definitions(LibTorch::LibTorch INTERFACE LLMTOOL_CUDA)
  endif()
endif()
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY)
