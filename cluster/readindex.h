/*
 * The read gate: proof that a local read is fresh.
 *
 * A cluster of one needs no messages for it. Its only voter, once it leads and
 * has applied its first own entry, is the only one that can commit anything,
 * and it answers a change after it applied it: what it has applied is fresh.
 *
 * Source: Ongaro, "Consensus: Bridging Theory and Practice" (2014), section
 * 6.4 (a leader's commit index is current once an entry of its term is
 * committed).
 */
#pragma once

#include <stdatomic.h>

#include "cluster/node.h"

struct readindex {
	/* Constant. */
	unsigned timeout_ms;

	/* Owned by the loop. */
	struct gate *waiting; /* Oldest first. */
	int refuse;           /* Answer of every gate that is not fresh. */

	/* Shared. */
	atomic_bool fresh;
};

void readindex_init(struct readindex *r, unsigned timeout_ms);

/* Whether a read may begin now without asking. Thread: any. */
bool readindex_is_fresh(const struct readindex *r) ANY_THREAD;

/* Answers now or lets it wait for its time. Thread: loop. */
void readindex_add(struct readindex *r, struct gate *gate,
		   uint64_t now_ms) ON_LOOP;

/* Local state is (no longer) known to be fresh. Thread: loop. */
void readindex_set_fresh(struct readindex *r, bool fresh) ON_LOOP;

/* Every gate is answered so from now on (0: no more). Thread: loop. */
void readindex_refuse(struct readindex *r, int status) ON_LOOP;

void readindex_expire(struct readindex *r, uint64_t now_ms) ON_LOOP;
uint64_t readindex_deadline_ms(const struct readindex *r) ON_LOOP;
void readindex_withdraw(struct readindex *r, uint64_t ticket) ON_LOOP;
