# Joins the licences of all that is linked or embedded into one file, from what the distribution
# installs beside each package. Result: ${licenses_file}.
set(licenses_file "${CMAKE_CURRENT_BINARY_DIR}/licenses.txt")
set(licensed_packages liblua5.4-dev libcmark-dev libpcre2-dev lua-cjson-dev libmd-dev libxxhash-dev libedit-dev
                      libncurses-dev libbsd-dev
                      lua-argparse libc6-dev)
file(READ "${PROJECT_SOURCE_DIR}/LICENSE" licenses_text)
set(licenses_text "promptgen\n=========\n\n${licenses_text}")
foreach(package ${licensed_packages})
    set(copyright "/usr/share/doc/${package}/copyright")
    if(EXISTS "${copyright}")
        file(READ "${copyright}" text)
    else()
        message(WARNING "${copyright} is missing: the licence of ${package} is not included")
        set(text "See the Debian package ${package}.\n")
    endif()
    string(REGEX REPLACE "." "=" underline "${package}")
    string(APPEND licenses_text "\n\n${package}\n${underline}\n\n${text}")
endforeach()
file(CONFIGURE OUTPUT "${licenses_file}" CONTENT "@licenses_text@" @ONLY)
