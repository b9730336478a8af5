# The libraries of Debian 12 that promptgen uses. Objects need their headers only; which form is
# linked is the choice of each final target:
#   pg_libraries_program  what the program links: archives when PROMPTGEN_STATIC, else shared
#   pg_libraries_shared   what tests and promptgen.so link: always shared, and no Lua library,
#                         since the interpreter that loads promptgen.so provides one
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

add_library(pg_headers INTERFACE)
add_library(pg_libraries_shared INTERFACE)
add_library(pg_libraries_program INTERFACE)

function(promptgen_library module archive in_shared)
    pkg_check_modules(${module}_pc REQUIRED ${module})
    target_include_directories(pg_headers SYSTEM INTERFACE ${${module}_pc_INCLUDE_DIRS})
    if(in_shared)
        target_link_libraries(pg_libraries_shared INTERFACE ${${module}_pc_LINK_LIBRARIES})
    endif()
    if(PROMPTGEN_STATIC)
        find_library(${module}_archive NAMES ${archive} REQUIRED)
        target_link_libraries(pg_libraries_program INTERFACE ${${module}_archive})
    else()
        target_link_libraries(pg_libraries_program INTERFACE ${${module}_pc_LINK_LIBRARIES})
    endif()
endfunction()

promptgen_library(lua5.4-cjson liblua5.4-cjson.a FALSE)
promptgen_library(lua5.4 liblua5.4.a FALSE)
promptgen_library(libcmark libcmark.a TRUE)
promptgen_library(libpcre2-8 libpcre2-8.a TRUE)
promptgen_library(libmd libmd.a TRUE)
promptgen_library(libxxhash libxxhash.a TRUE)
# libedit needs two libraries that its pkg-config file names in parts only.
promptgen_library(libedit libedit.a FALSE)
promptgen_library(tinfo libtinfo.a FALSE)
promptgen_library(libbsd libbsd.a FALSE)
target_link_libraries(pg_libraries_program INTERFACE m Threads::Threads)
target_link_libraries(pg_libraries_shared INTERFACE Threads::Threads)
