/// Lookup in the table of embedded files. See embed.h.
#include "embed.h"

const pg_embedded *pg_embedded_find(pg_str name)
{
    size_t low = 0;
    size_t high = pg_embedded_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = pg_str_compare(name, pg_embedded_files[middle].name);
        if (order == 0)
            return &pg_embedded_files[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
