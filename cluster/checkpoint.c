/*
 * Compaction.
 *
 *   loop thread   checkpoint_note()   enough was committed
 *   pool thread   flush_work()        store_flush(): as long as the disk takes
 *   loop thread   flush_done_cb()     the core and the log may forget
 *
 * What is forgotten lies one interval back, so that a member that was away for
 * a moment still finds in the log what it lacks. A flush that finds no room is
 * tried again after the next interval; nothing is forgotten meanwhile.
 *
 * Thread: loop, but for flush_work().
 */
#include <errno.h>
#include <string.h>

#include "cluster/checkpoint.h"
#include "store/base/check.h"

void checkpoint_init(struct checkpoint *checkpoint,
		     const struct checkpoint_config *config)
{
	memset(checkpoint, 0, sizeof(*checkpoint));
	checkpoint->config = *config;
	checkpoint->work.data = checkpoint;
	checkpoint->previous_index = store_applied_index(config->store);
}

static void forget(struct checkpoint *checkpoint) ON_LOOP;

static void flush_work(uv_work_t *work)
{
	struct checkpoint *checkpoint = work->data;

	checkpoint->rv = store_flush(checkpoint->config.store,
				     &checkpoint->flushed_index);
}

static void forget(struct checkpoint *checkpoint)
{
	uint64_t index = checkpoint->flushed_index;
	uint64_t up_to = 0;
	int rv;

	if (index <= checkpoint->previous_index) {
		return;
	}
	rv = consensus_compact(*checkpoint->config.consensus, index,
			       (unsigned)(index - checkpoint->previous_index),
			       &up_to, uv_now(&checkpoint->config.loop->uv));
	if (rv != 0) {
		return; /* Installing: the next interval will do. */
	}
	checkpoint->previous_index = index;
	if (up_to != 0) {
		log_forget(checkpoint->config.log, up_to);
	}
	logger_event(checkpoint->config.logger, LOGGER_DEBUG, "log-compacted",
		     "flushed=%llu forgotten=%llu", (unsigned long long)index,
		     (unsigned long long)up_to);
}

static void flush_done_cb(uv_work_t *work, int status)
{
	struct checkpoint *checkpoint = work->data;

	assert_on_loop();
	checkpoint->running = false;
	if (checkpoint->closing || status != 0) {
		return;
	}
	if (checkpoint->rv == 0) {
		forget(checkpoint);
	} else if (checkpoint->rv == -ENOSPC) {
		logger_event(checkpoint->config.logger, LOGGER_WARNING,
			     "flush-failed", "reason=\"no space\"");
	} else {
		checkpoint->config.fault_cb(checkpoint->config.ctx,
					    checkpoint->rv);
	}
}

void checkpoint_note(struct checkpoint *checkpoint, size_t bytes)
{
	checkpoint->bytes += bytes;
	if (checkpoint->bytes < CHECKPOINT_INTERVAL_BYTES ||
	    checkpoint->running || checkpoint->closing) {
		return;
	}
	checkpoint->bytes = 0;
	checkpoint->running = true;
	CHECK(uv_queue_work(&checkpoint->config.loop->uv, &checkpoint->work,
			    flush_work, flush_done_cb) == 0);
}

void checkpoint_stop(struct checkpoint *checkpoint)
{
	checkpoint->closing = true;
}
