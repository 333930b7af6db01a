/*
 * The middle of a node: carries entries and news between consensus core, log
 * writer, apply thread and whoever waits.
 *
 *   any thread     node_propose()
 *   loop           propose_flush() -> core_submit() -> consensus
 *                  io_append() -> log
 *   log writer     core_log_durable()
 *   loop           durable_task() -> consensus_persisted()
 *                  io_commit() -> applier
 *   apply thread   core_applied() -> propose_applied() -> proposal_cb
 *
 * A fault (a disk that fails, damage) is told once; from then on nothing is
 * proposed and no read is fresh, until the process ends.
 *
 * Thread: each section says it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cluster/node_i.h"
#include "store/base/check.h"

static void handle_rv(struct node *node, int rv) ON_LOOP;

/* ---- Faults --------------------------------------------------------- */

static void fault(struct node *node, const struct err *err)
{
	if (atomic_exchange(&node->faulted, true)) {
		return;
	}
	logger_event(&node->logger, LOGGER_ERROR, "node-failed",
		     "reason=\"%s\"", err->text);
	mutex_lock(&node->lock);
	node->status.state = NODE_FAILED;
	(void)snprintf(node->status.reason, sizeof(node->status.reason), "%.*s",
		       (int)sizeof(node->status.reason) - 1, err->text);
	cond_broadcast(&node->serving_cond);
	mutex_unlock(&node->lock);
	if (node->config.fault_cb != NULL) {
		node->config.fault_cb(node->config.ctx, err);
	}
}

void core_log_fault(void *ctx, const struct err *err)
{
	fault(ctx, err);
}

static void store_fault(struct node *node, int rv)
{
	struct err err;

	err_set(&err, rv == -EBADMSG ? ERR_EXIT_CORRUPT : ERR_EXIT_FAILURE,
		"%s: the database failed: %s", node->datadir.db,
		rv == -EBADMSG ? "damaged record" : strerror(-rv));
	fault(node, &err);
}

void core_apply_fault(void *ctx, const struct entry *entry, int rv)
{
	struct node *node = ctx;

	if (rv == -EOPNOTSUPP) {
		/* A newer member leads: stop, but let others read why. */
		atomic_store(&node->upgrade_required, true);
		logger_event(&node->logger, LOGGER_ERROR, "upgrade-required",
			     "index=%llu", (unsigned long long)entry->index);
		loop_post(&node->loop, &node->applied_task, core_wake);
		return;
	}
	store_fault(node, rv);
}

void core_flush_fault(void *ctx, int rv)
{
	store_fault(ctx, rv);
}

/* ---- What the consensus core asks for (loop) ------------------------ */

static int io_save_vote(void *ctx, uint64_t term, uint64_t voted_for)
{
	struct node *node = ctx;
	struct err err;
	int rv;

	assert_on_loop();
	rv = vote_save(node->vote, term, voted_for);
	if (rv != 0) {
		err_set(&err, ERR_EXIT_FAILURE, "%s: cannot be written: %s",
			node->datadir.vote, strerror(-rv));
		fault(node, &err);
	}
	return rv;
}

static uint64_t io_append(void *ctx, struct entry *const *entries, size_t n)
{
	struct node *node = ctx;

	assert_on_loop();
	return log_append(node->log, entries, n);
}

static void io_send(void *ctx, uint64_t peer, const struct raft_message *m,
		    struct entry *const *entries)
{
	/* This version has no network: to raft, the message was lost. */
	(void)ctx;
	(void)peer;
	(void)m;
	(void)entries;
}

static void io_fetch(void *ctx, uint64_t peer, uint64_t first, size_t n)
{
	(void)ctx;
	(void)peer;
	(void)first;
	(void)n;
}

static void io_checkpoint(void *ctx, uint64_t peer)
{
	(void)ctx;
	(void)peer;
}

static void io_commit(void *ctx, struct entry *entry)
{
	struct node *node = ctx;

	assert_on_loop();
	atomic_store(&node->commit, entry->index);
	propose_committed(&node->propose, entry->index);
	applier_push(node->applier, entry);
	checkpoint_note(&node->checkpoint, sizeof(*entry) + entry->len);
	space_note(&node->space, entry->len);
}

static void raft_timer_cb(uv_timer_t *timer)
{
	struct node *node = timer->data;

	assert_on_loop();
	handle_rv(node,
		  consensus_timeout(node->consensus, uv_now(&node->loop.uv)));
}

static void io_arm(void *ctx, uint64_t at_ms)
{
	struct node *node = ctx;
	uint64_t now_ms = uv_now(&node->loop.uv);

	assert_on_loop();
	if (!node->closing) {
		CHECK(uv_timer_start(&node->raft_timer, raft_timer_cb,
				     at_ms > now_ms ? at_ms - now_ms : 0,
				     0) == 0);
	}
}

static void io_changed(void *ctx)
{
	struct node *node = ctx;

	assert_on_loop();
	node->role_changed = true;
}

const struct consensus_io core_io_template = {
	.save_vote = io_save_vote,
	.append = io_append,
	.send = io_send,
	.fetch = io_fetch,
	.commit = io_commit,
	.checkpoint = io_checkpoint,
	.arm = io_arm,
	.changed = io_changed,
};

int core_submit(void *ctx, struct entry *entry)
{
	struct node *node = ctx;

	assert_on_loop();
	return consensus_submit(node->consensus, entry, uv_now(&node->loop.uv));
}

/* ---- News from the log writer and the apply thread ------------------ */

static void handle_rv(struct node *node, int rv)
{
	/* save_vote failed, and io_save_vote() has said so. */
	CHECK(rv == 0 || atomic_load(&node->faulted));
}

static void update_full(struct node *node) ON_LOOP;

static void durable_task(struct loop_task *task)
{
	struct node *node = CONTAINER_OF(task, struct node, durable_task);
	struct durable_news news;

	assert_on_loop();
	mutex_lock(&node->lock);
	news = node->news;
	node->news.any = false;
	node->news.posted = false;
	mutex_unlock(&node->lock);
	if (node->closing) {
		return;
	}
	if (news.any && node->consensus != NULL) {
		handle_rv(node, consensus_persisted(node->consensus,
						    news.ticket, news.index,
						    uv_now(&node->loop.uv)));
	}
	if (node->log_full != news.full) {
		node->log_full = news.full;
		update_full(node);
	}
}

/* Called with the lock held; tells whether the caller has to post. */
static bool must_post(struct node *node)
{
	bool post = !node->news.posted;

	node->news.posted = true;
	return post;
}

void core_log_durable(void *ctx, uint64_t ticket, uint64_t index)
{
	struct node *node = ctx;
	bool post;

	mutex_lock(&node->lock);
	node->news.any = true;
	node->news.ticket = ticket;
	node->news.index = index;
	post = must_post(node);
	cond_broadcast(&node->serving_cond);
	mutex_unlock(&node->lock);
	if (post) {
		loop_post(&node->loop, &node->durable_task, durable_task);
	}
}

void core_log_full(void *ctx, bool full)
{
	struct node *node = ctx;
	bool post;

	mutex_lock(&node->lock);
	node->news.full = full;
	post = must_post(node);
	mutex_unlock(&node->lock);
	if (post) {
		loop_post(&node->loop, &node->durable_task, durable_task);
	}
}

void core_wake(struct loop_task *task)
{
	struct node *node = CONTAINER_OF(task, struct node, applied_task);

	assert_on_loop();
	node->role_changed = true;
}

void core_applied(void *ctx, const struct entry *entry,
		  const struct command_result *results, uint32_t n)
{
	struct node *node = ctx;
	uint64_t awaited;
	uint32_t i;

	assert_on_apply();
	propose_applied(&node->propose, entry, results, n);
	for (i = 0; i < n; i++) {
		if (results[i].orphan_ino == 0) {
			continue;
		}
		if (node->config.orphan_cb != NULL) {
			node->config.orphan_cb(node->config.ctx,
					       results[i].orphan_ino);
		} else {
			node_release(node, results[i].orphan_ino);
		}
	}
	awaited = atomic_load(&node->awaited);
	if (awaited != 0 && entry->index >= awaited &&
	    atomic_compare_exchange_strong(&node->awaited, &awaited, 0)) {
		loop_post(&node->loop, &node->applied_task, core_wake);
	}
}

void core_session_opened(void *ctx)
{
	struct node *node = ctx;

	mutex_lock(&node->lock);
	node->session_open = true;
	cond_broadcast(&node->serving_cond);
	mutex_unlock(&node->lock);
}

/* ---- State (loop) --------------------------------------------------- */

static void update_full(struct node *node)
{
	bool full = node->log_full || node->space.full;

	if (full == node->propose.disk_full) {
		return;
	}
	node->propose.disk_full = full;
	logger_event(&node->logger, LOGGER_WARNING,
		     full ? "disk-full" : "disk-has-room-again",
		     "free_bytes=%llu",
		     (unsigned long long)atomic_load(&node->space.free_bytes));
	core_publish(node);
}

void core_space_changed(void *ctx, bool full)
{
	assert_on_loop();
	(void)full;
	update_full(ctx);
}

static enum node_state state_of(const struct node *node,
				const struct consensus_view *view)
{
	static const enum node_state states[] = {
		[CONSENSUS_IDLE] = NODE_UNJOINED,
		[CONSENSUS_FOLLOWER] = NODE_FOLLOWER,
		[CONSENSUS_CANDIDATE] = NODE_CANDIDATE,
		[CONSENSUS_LEADER] = NODE_LEADER,
	};

	if (atomic_load(&node->faulted)) {
		return NODE_FAILED;
	}
	if (atomic_load(&node->upgrade_required)) {
		return NODE_UPGRADE_REQUIRED;
	}
	return states[view->role];
}

static void fill_members(struct node_status *status,
			 const struct consensus_view *view)
{
	unsigned i;

	status->voters = 0;
	status->leader_address[0] = '\0';
	for (i = 0; i < view->n_members; i++) {
		if (view->members[i].voter) {
			status->voters++;
		}
		if (view->members[i].id == view->leader) {
			(void)snprintf(status->leader_address,
				       sizeof(status->leader_address), "%s",
				       view->members[i].address);
		}
	}
	status->voters_reachable = status->voters > 0 ? 1 : 0;
	status->has_quorum = view->alone && view->established;
}

/* Works out what this node may do now, and tells .status. */
void core_publish(struct node *node)
{
	struct consensus_view view;
	struct node_status *status = &node->status;
	uint64_t applied_index = store_applied_index(node->store);
	bool may_serve;
	bool fresh;

	consensus_view(node->consensus, &view);
	may_serve = view.alone && view.established &&
		    !atomic_load(&node->faulted) &&
		    !atomic_load(&node->upgrade_required);
	if (may_serve && node->fresh_at == 0) {
		node->fresh_at = view.commit;
		atomic_store(&node->awaited, node->fresh_at);
		applied_index = store_applied_index(node->store);
	} else if (!may_serve) {
		node->fresh_at = 0;
	}
	fresh = may_serve && applied_index >= node->fresh_at;
	readindex_set_fresh(&node->readindex, fresh);
	if (view.role == CONSENSUS_IDLE ||
	    atomic_load(&node->upgrade_required)) {
		readindex_refuse(&node->readindex, -ETIMEDOUT);
		node->propose.refuse = -EROFS;
	}

	mutex_lock(&node->lock);
	node->fresh = fresh;
	status->state = state_of(node, &view);
	status->leader_id = view.leader;
	status->term = view.term;
	status->disk_full = node->propose.disk_full;
	fill_members(status, &view);
	cond_broadcast(&node->serving_cond);
	mutex_unlock(&node->lock);
}

static void expire_cb(uv_timer_t *timer)
{
	struct node *node = timer->data;

	assert_on_loop();
	propose_expire(&node->propose, uv_now(&node->loop.uv));
	readindex_expire(&node->readindex, uv_now(&node->loop.uv));
}

static void arm_expiry(struct node *node) ON_LOOP;

static void arm_expiry(struct node *node)
{
	uint64_t a = propose_deadline_ms(&node->propose);
	uint64_t b = readindex_deadline_ms(&node->readindex);
	uint64_t at_ms = a == 0 || (b != 0 && b < a) ? b : a;
	uint64_t now_ms = uv_now(&node->loop.uv);

	if (at_ms == 0 || uv_is_active((uv_handle_t *)&node->expire_timer)) {
		return; /* An early call does no harm, and arms again. */
	}
	CHECK(uv_timer_start(&node->expire_timer, expire_cb,
			     at_ms > now_ms ? at_ms - now_ms : 0, 0) == 0);
}

/* Everything that happened at once was handled. */
void core_idle(void *ctx)
{
	struct node *node = ctx;
	struct timespec now;

	assert_on_loop();
	if (node->consensus == NULL || node->closing) {
		return;
	}
	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (applier_queued_bytes(node->applier) >= APPLIER_QUEUE_BYTES_MAX) {
		/* Go on when one more of them was applied. */
		atomic_store(&node->awaited,
			     store_applied_index(node->store) + 1);
	} else if (!atomic_load(&node->faulted)) {
		propose_flush(&node->propose,
			      (int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
	}
	consensus_flush(node->consensus, uv_now(&node->loop.uv));
	if (node->role_changed) {
		node->role_changed = false;
		core_publish(node);
	}
	arm_expiry(node);
}
