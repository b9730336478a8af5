# Lists what is embedded and generates embedded_files.c: every trusted module below lua/, every
# stock script below workflows/, the argument parser of the distribution, and the licences.
file(GLOB_RECURSE module_files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/lua/*.lua")
list(FILTER module_files EXCLUDE REGEX "/_meta/")
file(GLOB_RECURSE script_files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/workflows/*.lua"
                                                 "${PROJECT_SOURCE_DIR}/workflows/*.md")
find_file(ARGPARSE_LUA argparse.lua PATHS /usr/share/lua/5.4 NO_DEFAULT_PATH REQUIRED)

# Where the functions of the modules are defined: for profiles, since bytecode keeps few names.
add_executable(list_functions host/embed/list_functions.c)
target_link_libraries(list_functions PRIVATE promptgen_flags pg_headers pg_libraries_program)
set(function_names "${CMAKE_CURRENT_BINARY_DIR}/function_names.txt")
set(names_module "${PROJECT_SOURCE_DIR}/lua/promptgen/profile/names.lua")
add_custom_command(
    OUTPUT "${function_names}"
    COMMAND list_functions "${function_names}" "${names_module}" "${PROJECT_SOURCE_DIR}/lua"
            ${module_files}
    DEPENDS list_functions "${names_module}" ${module_files}
    COMMENT "Listing the functions of the Lua modules" VERBATIM)

# Each entry starts with its name: a space sorts before every character of a name.
set(entries "")
foreach(file ${module_files})
    file(RELATIVE_PATH relative "${PROJECT_SOURCE_DIR}/lua" ${file})
    string(REGEX REPLACE "\\.lua$" "" name ${relative})
    string(REGEX REPLACE "/init$" "" name ${name})
    string(REPLACE "/" "." name ${name})
    list(APPEND entries "${name} module ${name} ${file}")
endforeach()
foreach(file ${script_files})
    file(RELATIVE_PATH name "${PROJECT_SOURCE_DIR}" ${file})
    if(name MATCHES "^workflows/templates/.*\\.lua$")
        list(APPEND entries "${name} template ${name} ${file}")
        string(REGEX MATCH "^workflows/templates/([^/]*)\\.lua$" whole ${name})
        if(whole)
            list(APPEND entries "whole/${CMAKE_MATCH_1} whole whole/${CMAKE_MATCH_1} ${file}")
        endif()
    elseif(name MATCHES "\\.lua$")
        list(APPEND entries "${name} script ${name} ${file}")
    else()
        list(APPEND entries "${name} data ${name} ${file}")
    endif()
endforeach()
list(APPEND entries "licenses.txt data licenses.txt ${licenses_file}")
list(APPEND entries "function_names.txt data function_names.txt ${function_names}")
list(APPEND entries "argparse module argparse ${ARGPARSE_LUA}")
set(reference "${PROJECT_SOURCE_DIR}/src/host/embed/reference.lua")
file(GLOB stub_files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/lua/promptgen/_meta/*.lua")
list(APPEND entries "promptgen.reference generated promptgen.reference ${reference}")
set(stock_words "${PROJECT_SOURCE_DIR}/src/host/embed/stock_words.lua")
list(APPEND entries "promptgen.stock_words generated promptgen.stock_words ${stock_words}")
list(SORT entries COMPARE STRING CASE SENSITIVE)

set(manifest_text "")
set(embedded_inputs ${module_files} ${script_files} ${ARGPARSE_LUA} ${licenses_file}
                    "${function_names}" ${reference} ${stub_files}
                    ${stock_words})
foreach(entry ${entries})
    string(REGEX MATCH "^[^ ]* (.*)$" whole ${entry})
    string(APPEND manifest_text "${CMAKE_MATCH_1}\n")
endforeach()
set(embed_manifest "${CMAKE_CURRENT_BINARY_DIR}/embed_manifest.txt")
file(GENERATE OUTPUT "${embed_manifest}" CONTENT "${manifest_text}")

add_executable(embed_lua host/embed/embed_lua.c host/embed/strip_names.c)
target_link_libraries(embed_lua PRIVATE promptgen_flags pg_headers pg_libraries_program)

set(tools_dir "${PROJECT_SOURCE_DIR}/src/host/embed")
set(embedded_source "${generated_dir}/embedded_files.c")
add_custom_command(
    OUTPUT "${embedded_source}"
    COMMAND embed_lua "${embedded_source}" "${embed_manifest}" "${tools_dir}"
            "${PROJECT_SOURCE_DIR}/lua"
    DEPENDS embed_lua "${embed_manifest}" "${tools_dir}/precompile.lua" "${tools_dir}/flatten.lua"
            "${tools_dir}/used_together.txt"
            ${embedded_inputs}
    COMMENT "Embedding Lua modules and scripts" VERBATIM)
