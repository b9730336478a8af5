# Compile and link flags that every target of the project shares.
add_library(promptgen_flags INTERFACE)
target_compile_definitions(promptgen_flags INTERFACE _GNU_SOURCE)
target_compile_options(promptgen_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
    -Wformat=2 -fstack-protector-strong "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
if(PROMPTGEN_WERROR)
    target_compile_options(promptgen_flags INTERFACE -Werror)
endif()

if(PROMPTGEN_SANITIZE STREQUAL "address")
    set(sanitize_flags -fsanitize=address,undefined -fno-sanitize-recover=all)
elseif(PROMPTGEN_SANITIZE STREQUAL "thread")
    set(sanitize_flags -fsanitize=thread)
elseif(PROMPTGEN_SANITIZE)
    message(FATAL_ERROR "PROMPTGEN_SANITIZE is '${PROMPTGEN_SANITIZE}'; use address or thread")
endif()
if(PROMPTGEN_SANITIZE)
    target_compile_options(promptgen_flags INTERFACE ${sanitize_flags} -fno-omit-frame-pointer)
    target_compile_definitions(promptgen_flags INTERFACE PROMPTGEN_SANITIZED=1)
    target_link_options(promptgen_flags INTERFACE ${sanitize_flags})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
    # glibc's fortified calls need optimisation, and Debian's -O2 is what they are tested with.
    target_compile_options(promptgen_flags INTERFACE -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()

# How the program is linked as a static PIE. Packed relocations make it start faster: most of the
# table that the start-up code walks is gone.
include(CheckLinkerFlag)
set(promptgen_static_link -static-pie)
check_linker_flag(C -Wl,-z,pack-relative-relocs LINKER_PACKS_RELOCATIONS)
if(LINKER_PACKS_RELOCATIONS)
    list(APPEND promptgen_static_link -Wl,-z,pack-relative-relocs)
endif()
