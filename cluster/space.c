/*
 * statfs(2) by a pool thread: after SPACE_BYTES were written, else every
 * SPACE_PERIOD_MS while anything is written or the disk is full. An idle node
 * does not look. Thread: loop.
 */
#include <string.h>

#include "cluster/space.h"
#include "store/base/check.h"

static void look(struct space *space) ON_LOOP;

static void timer_cb(uv_timer_t *timer)
{
	assert_on_loop();
	look(timer->data);
}

static void looked_cb(uv_fs_t *request)
{
	struct space *space = request->data;
	const uv_statfs_t *st = request->ptr;
	uint64_t free_bytes;
	bool full = space->full;

	assert_on_loop();
	space->running = false;
	if (request->result == 0) {
		free_bytes = st->f_bavail * st->f_bsize;
		atomic_store(&space->free_bytes, free_bytes);
		full = free_bytes < space->reserve_bytes;
	}
	uv_fs_req_cleanup(request);
	if (space->closing) {
		return;
	}
	if (full != space->full) {
		space->full = full;
		space->changed_cb(space->ctx, full);
	}
	if (full && !uv_is_active((uv_handle_t *)&space->timer)) {
		CHECK(uv_timer_start(&space->timer, timer_cb, SPACE_PERIOD_MS,
				     0) == 0);
	}
}

static void look(struct space *space)
{
	if (space->running || space->closing) {
		return;
	}
	space->running = true;
	space->bytes = 0;
	(void)uv_timer_stop(&space->timer);
	CHECK(uv_fs_statfs(&space->loop->uv, &space->request, space->path,
			   looked_cb) == 0);
}

void space_init(struct space *space, const struct space_config *config)
{
	memset(space, 0, sizeof(*space));
	space->loop = config->loop;
	space->path = config->path;
	space->reserve_bytes = config->reserve_bytes;
	space->changed_cb = config->changed_cb;
	space->ctx = config->ctx;
	CHECK(uv_timer_init(&space->loop->uv, &space->timer) == 0);
	space->timer.data = space;
	space->request.data = space;
	look(space);
}

void space_note(struct space *space, size_t bytes)
{
	space->bytes += bytes;
	if (space->bytes >= SPACE_BYTES) {
		look(space);
	} else if (!uv_is_active((uv_handle_t *)&space->timer) &&
		   !space->running && !space->closing) {
		CHECK(uv_timer_start(&space->timer, timer_cb, SPACE_PERIOD_MS,
				     0) == 0);
	}
}

void space_stop(struct space *space)
{
	space->closing = true;
	uv_close((uv_handle_t *)&space->timer, NULL);
}
