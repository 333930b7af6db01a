/*
 * Gates wait in the order of their deadlines, until the state is fresh or
 * their time is up. Thread: loop, but for readindex_is_fresh().
 */
#include <errno.h>
#include <string.h>

#include <utlist.h>

#include "cluster/readindex.h"

void readindex_init(struct readindex *r, unsigned timeout_ms)
{
	memset(r, 0, sizeof(*r));
	r->timeout_ms = timeout_ms;
	atomic_init(&r->fresh, false);
}

bool readindex_is_fresh(const struct readindex *r)
{
	return atomic_load_explicit(&r->fresh, memory_order_acquire);
}

void readindex_add(struct readindex *r, struct gate *gate, uint64_t now_ms)
{
	if (readindex_is_fresh(r)) {
		gate->cb(gate, 0);
	} else if (r->refuse != 0) {
		gate->cb(gate, r->refuse);
	} else {
		gate->deadline_ms = now_ms + r->timeout_ms;
		DL_APPEND(r->waiting, gate);
	}
}

static void answer_head(struct readindex *r, int status)
{
	struct gate *gate = r->waiting;

	DL_DELETE(r->waiting, gate);
	gate->cb(gate, status);
}

void readindex_set_fresh(struct readindex *r, bool fresh)
{
	atomic_store_explicit(&r->fresh, fresh, memory_order_release);
	while (fresh && r->waiting != NULL) {
		answer_head(r, 0);
	}
}

void readindex_refuse(struct readindex *r, int status)
{
	r->refuse = status;
	while (status != 0 && r->waiting != NULL) {
		answer_head(r, status);
	}
}

void readindex_expire(struct readindex *r, uint64_t now_ms)
{
	while (r->waiting != NULL && r->waiting->deadline_ms <= now_ms) {
		answer_head(r, -ETIMEDOUT);
	}
}

uint64_t readindex_deadline_ms(const struct readindex *r)
{
	return r->waiting == NULL ? 0 : r->waiting->deadline_ms;
}

void readindex_withdraw(struct readindex *r, uint64_t ticket)
{
	struct gate *gate;

	DL_FOREACH (r->waiting, gate) {
		if (gate->ticket == ticket) {
			DL_DELETE(r->waiting, gate);
			gate->cb(gate, -EINTR);
			return;
		}
	}
}
