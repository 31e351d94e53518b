# Makes the migrations part of the program: persistence/migrations/NNNN_name.sql become, in the order of their names,
# string literals in one generated file of weappd_persistence. The table is declared in persistence/migrations.hpp.
function(weappd_embed_migrations)
  file(GLOB files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/persistence/migrations/*.sql")
  list(SORT files)
  set(rows "")
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME_WE)
    if(NOT name MATCHES "^0*([1-9][0-9]*)_[a-z0-9_]+$")
      message(FATAL_ERROR "${file}: a migration is called NNNN_what_it_does.sql")
    endif()
    set(version "${CMAKE_MATCH_1}")
    file(READ "${file}" sql)
    string(APPEND rows "    migration{${version}, \"${name}\", R\"sql(${sql})sql\"},\n")
  endforeach()
  list(LENGTH files count)
  string(CONCAT code
    "// Generated from persistence/migrations/*.sql\n#include \"persistence/migrations.hpp\"\n\n#include <array>\n\n"
    "namespace weappd {\n\nstd::span<const migration> all_migrations() {\n"
    "  static constexpr std::array<migration, ${count}> table{{\n${rows}  }};\n  return table;\n}\n\n} // namespace weappd\n")

  set(out "${CMAKE_BINARY_DIR}/generated/all_migrations.cpp")
  file(WRITE "${out}.new" "${code}")
  file(COPY_FILE "${out}.new" "${out}" ONLY_IF_DIFFERENT)
  target_sources(weappd_persistence PRIVATE "${out}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
endfunction()
weappd_embed_migrations()
