# Warnings are errors; sanitizers by preset; one function that makes a folder into a library.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

add_library(weappd_options INTERFACE)
set(_warnings -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Werror)
target_compile_options(weappd_options INTERFACE "$<BUILD_INTERFACE:${_warnings}>") # ours to heed, not our users'
target_compile_features(weappd_options INTERFACE cxx_std_20)
target_include_directories(weappd_options INTERFACE "$<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>"
                                                    "$<INSTALL_INTERFACE:include/weappd>")
target_compile_definitions(weappd_options INTERFACE
  BOOST_ASIO_NO_DEPRECATED JSON_USE_IMPLICIT_CONVERSIONS=0)

if(WEAPPD_SANITIZE)
  add_compile_options(-fsanitize=${WEAPPD_SANITIZE} -fno-omit-frame-pointer -g1)
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>) # GCC 12 sees it in sound optionals once sanitizers are in
  add_link_options(-fsanitize=${WEAPPD_SANITIZE})
  if(WEAPPD_SANITIZE MATCHES "undefined")
    # CAF 0.17.6 binds a reference to null when a function without arguments is spawned (harmless, not ours).
    # vptr asks the kernel through a pipe whether memory may be read: out of descriptors (a test of ours) it accuses sound objects.
    add_compile_options(-fno-sanitize=null,vptr -fno-sanitize-recover=undefined)
  endif()
  if(WEAPPD_SANITIZE MATCHES "thread")
    # TSan does not model fences; asio can do without them.
    add_compile_options(-Wno-tsan)
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
endif()

# weappd_unity(<target> <n>): with WEAPPD_UNITY, n files of the target are compiled as one.
function(weappd_unity target files)
  if(WEAPPD_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${files})
    # It is about headers, and takes a .cpp that is included for one.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()

# weappd_library(<name> SOURCES <folder>... [EXCLUDE <file name>...] [LINK <target>...])
# Every .cpp of the folders becomes part of weappd_<name>. With WEAPPD_UNITY a dozen files are compiled as one, which
# takes half the time and lets the compiler see across files; so two files of a folder must not give one name in
# their anonymous namespaces to different things.
function(weappd_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;EXCLUDE;LINK" ${ARGN})
  set(files)
  foreach(folder IN LISTS arg_SOURCES)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${folder}/*.cpp")
    list(APPEND files ${found})
  endforeach()
  foreach(pattern IN LISTS arg_EXCLUDE)
    list(FILTER files EXCLUDE REGEX "/${pattern}$")
  endforeach()
  if(files)
    add_library(weappd_${name} STATIC ${files})
    target_link_libraries(weappd_${name} PUBLIC weappd_options ${arg_LINK})
    weappd_unity(weappd_${name} 12)
  else()
    add_library(weappd_${name} INTERFACE)
    target_link_libraries(weappd_${name} INTERFACE weappd_options ${arg_LINK})
  endif()
endfunction()
