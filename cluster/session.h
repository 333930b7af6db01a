/*
 * This node's session with the cluster, and what it keeps by it: a stock of
 * inode numbers, and word of unlinked files that are not held open here.
 *
 * The session's rules are in store/session.c; this is the side that asks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cluster/loop.h"
#include "cluster/propose.h"
#include "store/base/logger.h"

enum {
	SESSION_STOCK = 4096,    /* Inode numbers reserved at a time. */
	SESSION_RELEASE_MS = 50, /* Unlinked files are released together. */
	SESSION_RETRY_MS = 200,  /* After a command of ours failed. */
};

struct session_range {
	uint64_t next;
	uint64_t end; /* One past the last; next == end: empty. */
};

struct session {
	/* Constant. */
	struct loop *loop;
	struct propose *propose;
	const struct logger *logger;
	void (*open_cb)(void *ctx);
	void *ctx;

	/* Owned by the loop. */
	uv_timer_t timer;
	bool closing;

	/* The one command of ours that is under way, while `busy`. */
	struct proposal proposal;
	uint8_t *release_data;

	/* Shared. */
	struct loop_task wake;
	struct mutex lock;
	bool wake_posted GUARDED_BY(lock);
	bool busy GUARDED_BY(lock);
	bool failed GUARDED_BY(lock); /* The last one: wait before the next. */
	bool open GUARDED_BY(lock);
	struct session_range stock GUARDED_BY(lock);
	struct session_range spare GUARDED_BY(lock);
	uint64_t *release GUARDED_BY(lock); /* Inode numbers. */
	size_t release_n GUARDED_BY(lock);
	size_t release_size GUARDED_BY(lock);
};

struct session_config {
	struct loop *loop;
	struct propose *propose;
	const struct logger *logger;
	uint64_t node_id;
	/* The session is open and has numbers; once, on the apply thread. */
	void (*open_cb)(void *ctx);
	void *ctx;
};

/* Thread: loop. */
void session_init(struct session *session,
		  const struct session_config *config) ON_LOOP;

/* Opens the session as soon as this node can propose. Thread: loop. */
void session_start(struct session *session) ON_LOOP;

/* Stops asking. propose_close() answers what is under way. Thread: loop. */
void session_stop(struct session *session) ON_LOOP;

/* After the loop has ended. */
void session_fini(struct session *session);

/* See node_take_ino() and node_release(). */
uint64_t session_take_ino(struct session *session) ANY_THREAD;
void session_release(struct session *session, uint64_t ino) ANY_THREAD;
