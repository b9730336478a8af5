/// Totals in memory: the records of one half of the store, found by their keys. Internal to the
/// store.
///
/// Adding a gain, pending gains or a whole file is the same operation, since all are records.
#ifndef PROMPTGEN_METRICS_TOTALS_H
#define PROMPTGEN_METRICS_TOTALS_H

#include "promptgen/str.h"

#include <stdint.h>

enum {
    TOTALS_FRONT = 64, ///< bytes kept free before the records, for the half's header
};

typedef struct pg_totals {
    const pg_alloc *alloc;
    pg_buf bytes;       ///< TOTALS_FRONT bytes of zeros, then the records; empty before a merge
    uint32_t *index;    ///< open addressing by key hash: offset of a record, 0 = free
    size_t index_cap;   ///< a power of two, at least twice `count`; 0 = none
    size_t count;       ///< records
    size_t open_bytes;  ///< of the records in which code that is not promptgen's counts
    uint64_t discarded; ///< records that did not fit
} pg_totals;

void pg__totals_init(pg_totals *totals, const pg_alloc *alloc);
void pg__totals_free(pg_totals *totals);

/// Adds checked records (see metrics_record.h). One that would make `bytes` longer than `limit` is
/// left out and counted; so is one that is not promptgen's own when those would take more than
/// half of it, so that no workflow takes promptgen's own place. A definition takes the place of the
/// one before; when it differs, the series of that metric start anew. PG_NOMEM: the totals are
/// useless, free them.
PG_NODISCARD pg_status pg__totals_merge(pg_totals *totals, pg_str records, size_t limit,
                                        pg_error *err);

#endif
