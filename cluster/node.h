/*
 * One node: its data directory, log, database and threads; what the mount and
 * the library are built on. Several nodes may live in one process.
 *
 * A stand-alone node is a cluster of one voter; there is no other code path.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cluster/propose.h"
#include "store/base/err.h"
#include "store/base/logger.h"
#include "store/store.h"

enum { NODE_NAME_MAX = 64, NODE_ADDRESS_MAX = 256 };

struct node;

struct node_config {
	const char *data_dir;
	const char *name;      /* 1 to NODE_NAME_MAX - 1 bytes. */
	const char *advertise; /* HOST:PORT that others reach this node at. */
	bool bootstrap;        /* Make a cluster of one if there is none. */
	unsigned request_timeout_ms;
	unsigned election_timeout_ms;
	unsigned heartbeat_ms;
	uint64_t value_max_bytes;
	uint64_t disk_reserve_bytes; /* Free space kept on the data disk. */
	const struct logger *logger;

	void *ctx;
	/*
	 * A file lost its last name, on whichever node it was removed. If this
	 * node's programs hold it open, answer node_release() when they do not
	 * any more; else answer at once. Runs on the apply thread; must not
	 * block.
	 */
	void (*orphan_cb)(void *ctx, uint64_t ino);
	/*
	 * The node cannot go on: the process ends with err->exit_status. It
	 * answers no proposal any more. Called once, on any thread.
	 */
	void (*fault_cb)(void *ctx, const struct err *err);
};

/*
 * Opens everything, recovers, and starts the threads; returns when the state
 * of before is readable. Errors, with `err` filled: see err_exit.
 * Owns: node_close() it. Thread: any but the loop.
 */
int node_open(struct node **out, const struct node_config *config,
	      struct err *err) OFF_LOOP;

/*
 * Answers what is under way (or lets it run into -EROFS and -ETIMEDOUT), stops
 * the threads, makes the state durable. NULL is accepted.
 */
void node_close(struct node *node) OFF_LOOP;

/*
 * Waits until the node serves: it has a session, and for a lone voter, is the
 * leader and has applied its log. Returns at once (0) for a node that is no
 * member of a cluster and was not told to bootstrap one.
 * Errors: -ETIMEDOUT; -EIO: a fault came first, see fault_cb.
 */
int node_wait_serving(struct node *node, unsigned timeout_ms) OFF_LOOP;

/* For reads (store.h); never for store_apply(). */
struct store *node_store(struct node *node) ANY_THREAD;

/*
 * A number for node_withdraw() to know a proposal or gate by; to be put into
 * p->ticket or gate->ticket before it is handed in. Never 0, never used again.
 */
uint64_t node_ticket(struct node *node) ANY_THREAD;

/*
 * Proposes p->command. p->cb comes exactly once, perhaps on another thread
 * before this returns, but never from inside this call. p->ticket is 0 or from
 * node_ticket().
 */
void node_propose(struct node *node, struct proposal *p) ANY_THREAD;

/*
 * Withdraws the proposal or gate of this ticket, if it is not in an entry yet:
 * its callback comes with -EINTR. With `abandon` it comes in any case, and the
 * outcome is unknown. Nothing happens if it was answered already: that is why
 * it goes by number.
 */
void node_withdraw(struct node *node, uint64_t ticket, bool abandon) ANY_THREAD;

/*
 * Says that this node does not hold these files open (see orphan_cb). Sent in
 * batches, soon.
 */
void node_release(struct node *node, uint64_t ino) ANY_THREAD;

/*
 * A block of inode numbers that only this node may give to new files, for
 * COMMAND_CREATE. Taken from a stock that is refilled ahead of need.
 * Returns a number, or 0: the stock is empty just now (let the command choose:
 * ino 0).
 */
uint64_t node_take_ino(struct node *node) ANY_THREAD;

/*
 * The read gate. A read that begins after node_gate() said yes sees every
 * change that returned anywhere before the call.
 *
 * true: now, go on. False: gate->cb comes exactly once, later: status 0, or
 * -ETIMEDOUT: freshness could not be proved in time; -EINTR: withdrawn.
 * The callback runs on the loop or the apply thread: it must not block.
 */
struct gate;
typedef void (*gate_cb)(struct gate *gate, int status);

struct gate {
	gate_cb cb;
	uint64_t ticket; /* 0, or from node_ticket(). */

	/* Private. */
	struct loop_task task;
	struct node *node;
	struct gate *prev;
	struct gate *next;
	uint64_t deadline_ms;
};

bool node_gate(struct node *node, struct gate *gate) ANY_THREAD;

enum node_state {
	NODE_STARTING,
	NODE_UNJOINED,
	NODE_FOLLOWER,
	NODE_CANDIDATE,
	NODE_LEADER,
	NODE_REMOVED,
	NODE_UPGRADE_REQUIRED, /* The log has commands newer than we are. */
	NODE_FAILED,
};

/* What the state is called in .status: "leader", "upgrade-required"... */
const char *node_state_name(enum node_state state);

struct node_status {
	uint64_t id;
	uint64_t cluster_id;
	char name[NODE_NAME_MAX];
	char address[NODE_ADDRESS_MAX];
	enum node_state state;
	uint64_t leader_id; /* 0: unknown. */
	char leader_address[NODE_ADDRESS_MAX];
	uint64_t term;
	uint64_t commit;
	uint64_t applied;
	uint64_t log_first;
	uint64_t log_last;
	unsigned voters;
	unsigned voters_reachable; /* This node included. */
	bool has_quorum;
	bool disk_full;
	char reason[256]; /* Of the last trouble, or "". */
	uint64_t db_bytes;
	uint64_t log_bytes;
	uint64_t disk_free_bytes;
	uint64_t pending; /* Proposals not answered yet. */
	unsigned request_timeout_ms;
};

/* Never blocks. */
void node_status(struct node *node, struct node_status *out) ANY_THREAD;
