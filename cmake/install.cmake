# `cmake --install`: the program, the library that it is made of and its test kit, as the CMake package "weappd":
#   find_package(weappd REQUIRED)
#   target_link_libraries(mine PRIVATE weappd::weappd)   # and weappd::testkit for tests
# Headers are included as in this repository: "actors/factories.hpp".
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(_package "${CMAKE_INSTALL_LIBDIR}/cmake/weappd")
set(_libraries options config messages persistence actors http simulator daemon)
set(_headers actors config http messages persistence simulator)
if(WEAPPD_TESTS)
  list(APPEND _libraries kit_actors kit_net kit_server testkit)
  list(APPEND _headers tests/kit)
endif()

# What a program of somebody else links: everything, or the test kit.
set_target_properties(weappd_daemon PROPERTIES EXPORT_NAME weappd)
if(WEAPPD_TESTS)
  add_library(weappd_testkit INTERFACE)
  target_link_libraries(weappd_testkit INTERFACE weappd_kit_actors weappd_kit_net weappd_kit_server)
endif()
foreach(name IN LISTS _libraries)
  if(NOT name STREQUAL "daemon")
    set_target_properties(weappd_${name} PROPERTIES EXPORT_NAME ${name})
  endif()
  list(APPEND _targets weappd_${name})
endforeach()

install(TARGETS weappd RUNTIME)
install(TARGETS ${_targets} EXPORT weappd ARCHIVE)
install(EXPORT weappd NAMESPACE weappd:: FILE weappdTargets.cmake DESTINATION "${_package}")
foreach(folder IN LISTS _headers)
  install(DIRECTORY "${CMAKE_SOURCE_DIR}/${folder}/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/weappd/${folder}"
          FILES_MATCHING PATTERN "*.hpp")
endforeach()
install(FILES config/weappd.example.yaml config/weappd.service config/weappd.socket README.md CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")

configure_package_config_file(cmake/weappdConfig.cmake.in "${CMAKE_BINARY_DIR}/weappdConfig.cmake"
                              INSTALL_DESTINATION "${_package}")
write_basic_package_version_file("${CMAKE_BINARY_DIR}/weappdConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/weappdConfig.cmake" "${CMAKE_BINARY_DIR}/weappdConfigVersion.cmake"
              cmake/FindCAF.cmake cmake/FindRE2.cmake DESTINATION "${_package}")
