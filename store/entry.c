/*
 * Reference counting of log entries. Thread: any.
 */
#include <stdlib.h>

#include "store/base/check.h"
#include "store/entry.h"

struct entry *entry_new(enum entry_type type, uint32_t len)
{
	struct entry *entry;

	CHECK(len <= ENTRY_LEN_MAX);
	entry = check_malloc(sizeof(*entry) + len);
	atomic_init(&entry->refs, 1);
	entry->type = type;
	entry->index = 0;
	entry->term = 0;
	entry->len = len;
	return entry;
}

struct entry *entry_ref(struct entry *entry)
{
	unsigned before = atomic_fetch_add_explicit(&entry->refs, 1,
						    memory_order_relaxed);

	CHECK(before > 0);
	return entry;
}

void entry_unref(struct entry *entry)
{
	if (entry == NULL) {
		return;
	}
	if (atomic_fetch_sub_explicit(&entry->refs, 1, memory_order_acq_rel) ==
	    1) {
		free(entry);
	}
}
