/*
 * struct node; private to node.c, which opens and closes it, and core.c, which
 * carries entries and news between its layers.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "cluster/checkpoint.h"
#include "cluster/consensus.h"
#include "cluster/datadir.h"
#include "cluster/log.h"
#include "cluster/loop.h"
#include "cluster/node.h"
#include "cluster/propose.h"
#include "cluster/readindex.h"
#include "cluster/session.h"
#include "cluster/space.h"
#include "cluster/vote.h"
#include "store/applier.h"

/* What the log writer has to tell the loop. */
struct durable_news {
	uint64_t ticket;
	uint64_t index;
	bool any;
	bool full;
	bool posted;
};

struct node {
	/* Constant after node_open(). */
	struct node_config config;
	struct logger logger;
	char name[NODE_NAME_MAX];
	char address[NODE_ADDRESS_MAX];
	struct datadir datadir;
	struct vote *vote;
	struct store *store;
	struct log *log;
	struct applier *applier;
	struct loop loop;
	bool loop_open;
	bool loop_ready; /* What lives on the loop was initialised. */

	/* Owned by the loop. */
	struct consensus *consensus;
	struct propose propose;
	struct readindex readindex;
	struct session session;
	struct checkpoint checkpoint;
	struct space space;
	uv_timer_t raft_timer;
	uv_timer_t expire_timer;
	uint64_t fresh_at; /* Applied index from which reads are fresh. */
	bool log_full;
	bool role_changed;
	bool closing;

	/* Shared. */
	_Atomic uint64_t next_ticket;
	_Atomic uint64_t commit;
	_Atomic uint64_t awaited; /* Applied index the loop waits for. */
	atomic_bool faulted;
	atomic_bool upgrade_required;
	struct loop_task durable_task;
	struct loop_task applied_task;
	struct mutex lock;
	struct cond serving_cond;
	struct durable_news news GUARDED_BY(lock);
	struct node_status status GUARDED_BY(lock); /* As last published. */
	bool session_open GUARDED_BY(lock);
	bool fresh GUARDED_BY(lock);
};

/* The callbacks that core.c gives to the layers; ctx is the node. */
extern const struct consensus_io core_io_template;

int core_submit(void *ctx, struct entry *entry);
void core_log_durable(void *ctx, uint64_t ticket, uint64_t index);
void core_log_full(void *ctx, bool full);
void core_log_fault(void *ctx, const struct err *err);
void core_applied(void *ctx, const struct entry *entry,
		  const struct command_result *results, uint32_t n);
void core_apply_fault(void *ctx, const struct entry *entry, int rv);
void core_flush_fault(void *ctx, int rv);
void core_session_opened(void *ctx);
void core_space_changed(void *ctx, bool full);
void core_wake(struct loop_task *applied_task);
/* Before the loop waits. */
void core_idle(void *ctx);

/* Works out what this node may do now, and tells .status. Thread: loop. */
void core_publish(struct node *node) ON_LOOP;
