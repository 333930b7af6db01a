/*
 * The loop thread and its inbox.
 *
 * One thread of a node owns raft, sockets and timers and runs libuv. Everybody
 * else reaches it by loop_post(): a task is embedded in the request it belongs
 * to, so posting allocates nothing and cannot fail.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "store/base/thread.h"

struct loop_task;
typedef void (*loop_task_cb)(struct loop_task *task);

struct loop_task {
	struct loop_task *next;
	loop_task_cb cb;
};

struct loop {
	/* Constant. */
	void *ctx;
	/* Runs on the loop before it waits for something new to happen. */
	void (*idle_cb)(void *ctx);

	/* Owned by the loop. */
	uv_loop_t uv;
	uv_async_t wake;
	uv_prepare_t before_io;
	bool stopping;

	/* Shared. */
	struct mutex lock;
	struct loop_task *head GUARDED_BY(lock);
	struct loop_task *tail GUARDED_BY(lock);
	pthread_t thread;
};

/*
 * Starts the thread. idle_cb runs after everything that happened at once was
 * handled; there the loop sends what the handlers queued.
 * Errors: those of uv_loop_init() and -EAGAIN. Owns: loop_close() it.
 */
int loop_open(struct loop *loop, void (*idle_cb)(void *ctx), void *ctx);

/*
 * Runs cb(task) on the loop thread. The task is the loop's until then. Tasks
 * run in the order in which they were posted. Thread: any.
 */
void loop_post(struct loop *loop, struct loop_task *task,
	       loop_task_cb cb) ANY_THREAD;

/*
 * Posts, and waits until cb has run. Thread: any but the loop.
 */
void loop_call(struct loop *loop, struct loop_task *task,
	       loop_task_cb cb) OFF_LOOP;

/*
 * Runs what was posted, then ends the thread. The handles that others opened
 * on loop->uv must be closing by then. Nothing may be posted afterwards.
 */
void loop_close(struct loop *loop) OFF_LOOP;
