/*
 * The loop thread and its inbox.
 *
 *   any thread    loop_post()    append to the list; wake the loop if it was
 *                                empty
 *   loop thread   woken()        take the whole list, run each task
 *   loop thread   before_io()    idle_cb: send what the tasks have queued
 *
 * Thread: loop, but for loop_post() and loop_call().
 */
#include <errno.h>
#include <string.h>

#include "cluster/loop.h"
#include "store/base/check.h"

static void woken(uv_async_t *wake)
{
	struct loop *loop = wake->data;
	struct loop_task *task;
	struct loop_task *next;

	assert_on_loop();
	mutex_lock(&loop->lock);
	task = loop->head;
	loop->head = NULL;
	loop->tail = NULL;
	mutex_unlock(&loop->lock);

	for (; task != NULL; task = next) {
		next = task->next; /* The callback may free the task. */
		task->cb(task);
	}
}

static void before_io(uv_prepare_t *prepare)
{
	struct loop *loop = prepare->data;

	assert_on_loop();
	if (loop->stopping) {
		uv_close((uv_handle_t *)&loop->wake, NULL);
		uv_close((uv_handle_t *)&loop->before_io, NULL);
		return;
	}
	loop->idle_cb(loop->ctx);
}

static void *loop_main(void *arg)
{
	struct loop *loop = arg;

	thread_become_loop();
	CHECK(uv_run(&loop->uv, UV_RUN_DEFAULT) == 0);
	return NULL;
}

int loop_open(struct loop *loop, void (*idle_cb)(void *ctx), void *ctx)
{
	int rv;

	memset(loop, 0, sizeof(*loop));
	loop->idle_cb = idle_cb;
	loop->ctx = ctx;
	mutex_init(&loop->lock);
	rv = uv_loop_init(&loop->uv);
	if (rv != 0) {
		goto err_mutex;
	}
	rv = uv_async_init(&loop->uv, &loop->wake, woken);
	if (rv != 0) {
		goto err_uv;
	}
	loop->wake.data = loop;
	CHECK(uv_prepare_init(&loop->uv, &loop->before_io) == 0);
	loop->before_io.data = loop;
	CHECK(uv_prepare_start(&loop->before_io, before_io) == 0);
	rv = thread_start(&loop->thread, "loop", loop_main, loop);
	if (rv != 0) {
		goto err_handles;
	}
	return 0;

err_handles:
	uv_close((uv_handle_t *)&loop->wake, NULL);
	uv_close((uv_handle_t *)&loop->before_io, NULL);
	(void)uv_run(&loop->uv, UV_RUN_DEFAULT);
err_uv:
	CHECK(uv_loop_close(&loop->uv) == 0);
err_mutex:
	mutex_fini(&loop->lock);
	return rv;
}

void loop_post(struct loop *loop, struct loop_task *task, loop_task_cb cb)
{
	bool was_empty;

	task->next = NULL;
	task->cb = cb;
	mutex_lock(&loop->lock);
	was_empty = loop->head == NULL;
	if (was_empty) {
		loop->head = task;
	} else {
		loop->tail->next = task;
	}
	loop->tail = task;
	mutex_unlock(&loop->lock);
	if (was_empty) {
		CHECK(uv_async_send(&loop->wake) == 0);
	}
}

struct loop_waiter {
	struct loop_task task;
	struct loop_task *inner;
	loop_task_cb cb;
	struct mutex lock;
	struct cond cond;
	bool done GUARDED_BY(lock);
};

static void run_and_tell(struct loop_task *task)
{
	struct loop_waiter *waiter =
		CONTAINER_OF(task, struct loop_waiter, task);

	assert_on_loop();
	waiter->cb(waiter->inner);
	mutex_lock(&waiter->lock);
	waiter->done = true;
	cond_signal(&waiter->cond);
	mutex_unlock(&waiter->lock);
}

void loop_call(struct loop *loop, struct loop_task *task, loop_task_cb cb)
{
	struct loop_waiter waiter = {.inner = task, .cb = cb};

	mutex_init(&waiter.lock);
	cond_init(&waiter.cond);
	loop_post(loop, &waiter.task, run_and_tell);
	mutex_lock(&waiter.lock);
	while (!waiter.done) {
		cond_wait(&waiter.cond, &waiter.lock);
	}
	mutex_unlock(&waiter.lock);
	cond_fini(&waiter.cond);
	mutex_fini(&waiter.lock);
}

struct loop_stop {
	struct loop_task task;
	struct loop *loop;
};

static void stop(struct loop_task *task)
{
	CONTAINER_OF(task, struct loop_stop, task)->loop->stopping = true;
}

void loop_close(struct loop *loop)
{
	struct loop_stop request = {.loop = loop};

	loop_post(loop, &request.task, stop);
	CHECK(pthread_join(loop->thread, NULL) == 0);
	CHECK(uv_loop_close(&loop->uv) == 0);
	mutex_fini(&loop->lock);
}
