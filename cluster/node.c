/*
 * One node: opening, closing, and what the mount calls. The path of a write is
 * drawn in core.c.
 *
 * Opening: data directory, vote, database, log; then the loop; then, on the
 * loop, the consensus core with what was found, which applies the log's rest.
 * A node that was told to bootstrap writes the first entry of a new cluster
 * into its empty log before that.
 *
 * Thread: any but the loop, except where a function says otherwise.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/node_i.h"
#include "store/base/check.h"

/* The first entry of a new cluster is being made durable. */
struct bootstrap {
	struct loop_task task;
	struct node *node;
};

struct starting {
	struct loop_task task;
	struct node *node;
	struct consensus_start start;
	int rv;
};

/* ---- Opening -------------------------------------------------------- */

static int open_store(struct node *node, struct err *err)
{
	const struct store_config config = {
		.dir = node->datadir.db,
		.logger = &node->logger,
		.value_max_bytes = node->config.value_max_bytes,
	};

	return store_open(&node->store, &config, err);
}

static int open_log(struct node *node, struct err *err)
{
	const struct log_config config = {
		.dir = node->datadir.log,
		.logger = &node->logger,
		.ctx = node,
		.durable_cb = core_log_durable,
		.full_cb = core_log_full,
		.fault_cb = core_log_fault,
	};

	return log_open(&node->log, &config, err);
}

static int open_applier(struct node *node)
{
	const struct applier_config config = {
		.store = node->store,
		.ctx = node,
		.applied_cb = core_applied,
		.fault_cb = core_apply_fault,
	};

	return applier_open(&node->applier, &config);
}

static void init_loop_side(struct loop_task *task)
{
	struct starting *starting = CONTAINER_OF(task, struct starting, task);
	struct node *node = starting->node;
	const struct session_config session = {
		.loop = &node->loop,
		.propose = &node->propose,
		.logger = &node->logger,
		.node_id = node->datadir.node_id,
		.open_cb = core_session_opened,
		.ctx = node,
	};
	const struct checkpoint_config checkpoint = {
		.loop = &node->loop,
		.store = node->store,
		.log = node->log,
		.consensus = &node->consensus,
		.logger = &node->logger,
		.fault_cb = core_flush_fault,
		.ctx = node,
	};
	const struct space_config space = {
		.loop = &node->loop,
		.path = node->datadir.path,
		.reserve_bytes = node->config.disk_reserve_bytes,
		.changed_cb = core_space_changed,
		.ctx = node,
	};

	assert_on_loop();
	CHECK(uv_timer_init(&node->loop.uv, &node->raft_timer) == 0);
	CHECK(uv_timer_init(&node->loop.uv, &node->expire_timer) == 0);
	node->raft_timer.data = node;
	node->expire_timer.data = node;
	session_init(&node->session, &session);
	checkpoint_init(&node->checkpoint, &checkpoint);
	space_init(&node->space, &space);
}

static void append_bootstrap(struct loop_task *task)
{
	struct bootstrap *bootstrap =
		CONTAINER_OF(task, struct bootstrap, task);
	struct node *node = bootstrap->node;
	struct entry *entry =
		consensus_bootstrap_entry(node->datadir.node_id, node->address);

	assert_on_loop();
	(void)log_append(node->log, &entry, 1);
	entry_unref(entry);
}

/* The log's first entry makes this node the only voter of a new cluster. */
static int bootstrap_cluster(struct node *node, struct err *err)
{
	struct bootstrap bootstrap = {.node = node};
	uint64_t deadline_ms = clock_ms() + node->config.request_timeout_ms;
	bool done = false;
	int rv = 0;

	if (node->datadir.cluster_id == 0) {
		rv = datadir_set_cluster(&node->datadir, datadir_random_id(),
					 err);
		if (rv != 0) {
			return rv;
		}
	}
	loop_call(&node->loop, &bootstrap.task, append_bootstrap);
	mutex_lock(&node->lock);
	while (rv == 0 && !done && !atomic_load(&node->faulted)) {
		rv = cond_wait_until(&node->serving_cond, &node->lock,
				     deadline_ms);
		done = node->news.index >= 1;
	}
	mutex_unlock(&node->lock);
	if (!done) {
		err_set(err, ERR_EXIT_FAILURE,
			"%s: the first entry could not be written",
			node->datadir.log);
	}
	return done ? 0 : -EIO;
}

/*
 * An entry that was applied before: the core wants to know its term and type,
 * and the members in it; nobody will read its commands.
 */
static int load_old(struct node *node, uint64_t index, struct entry **out)
{
	enum entry_type type;
	uint64_t term;
	size_t n;
	int rv;

	rv = log_entry_info(node->log, index, &term, &type);
	if (rv != 0) {
		return rv;
	}
	if (type == ENTRY_CHANGE) {
		return log_read(node->log, index, 1, 1, out, &n);
	}
	*out = entry_new(type, 0);
	(*out)->index = index;
	(*out)->term = term;
	return 0;
}

static int load_log(struct node *node, struct entry **entries, size_t n)
{
	uint64_t first = log_first(node->log);
	uint64_t applied_index = store_applied_index(node->store);
	size_t got;
	size_t i = 0;
	int rv;

	while (i < n) {
		if (first + i <= applied_index) {
			rv = load_old(node, first + i, &entries[i]);
			got = 1;
		} else {
			rv = log_read(node->log, first + i, n - i,
				      CONSENSUS_MESSAGE_BYTES, &entries[i],
				      &got);
		}
		if (rv != 0) {
			return rv;
		}
		i += got;
	}
	return 0;
}

static void start_consensus(struct loop_task *task)
{
	struct starting *starting = CONTAINER_OF(task, struct starting, task);
	struct node *node = starting->node;
	struct consensus_config config = {
		.id = node->datadir.node_id,
		.address = node->address,
		.seed = (unsigned)datadir_random_id(),
		.election_timeout_ms = node->config.election_timeout_ms,
		.heartbeat_ms = node->config.heartbeat_ms,
		.logger = &node->logger,
		.io = core_io_template,
	};

	assert_on_loop();
	config.io.ctx = node;
	uv_update_time(&node->loop.uv);
	starting->rv = consensus_new(&node->consensus, &config,
				     &starting->start, uv_now(&node->loop.uv));
	if (starting->rv == 0) {
		core_publish(node);
		session_start(&node->session);
	}
}

/* Reads what was on disk, and gives it to a new consensus core. */
static int start_core(struct node *node, struct err *err)
{
	struct starting starting = {.node = node};
	struct consensus_start *start = &starting.start;
	size_t n = (size_t)(log_last(node->log) + 1 - log_first(node->log));
	struct entry **entries = check_calloc(n, sizeof(struct entry *));
	void *members = NULL;
	size_t i;
	int rv;

	start->term = vote_term(node->vote);
	start->voted_for = vote_voted_for(node->vote);
	start->log_first = log_first(node->log);
	start->log = entries;
	start->log_n = n;
	start->applied_index = store_applied_index(node->store);
	start->applied_term = store_applied_term(node->store);
	rv = store_membership(node->store, &start->members_index, &members,
			      &start->members_len);
	start->members = members;
	if (rv == 0 || rv == -ENOENT) {
		rv = load_log(node, entries, n);
	}
	if (rv == 0) {
		loop_call(&node->loop, &starting.task, start_consensus);
		rv = starting.rv;
	}
	if (rv != 0 && !atomic_load(&node->faulted)) {
		err_set(err,
			rv == -EBADMSG ? ERR_EXIT_CORRUPT : ERR_EXIT_FAILURE,
			"%s: log, vote and database do not belong together: %s",
			node->datadir.path, strerror(-rv));
	}
	for (i = 0; i < n; i++) {
		entry_unref(entries[i]);
	}
	free(entries);
	free(members);
	return rv;
}

static bool is_blank(const struct node *node)
{
	return vote_term(node->vote) == 0 &&
	       store_applied_index(node->store) == 0 &&
	       log_last(node->log) == 0;
}

static int open_layers(struct node *node, struct err *err)
{
	struct starting starting = {.node = node};
	const struct propose_io io = {.ctx = node, .submit = core_submit};
	int rv;

	rv = datadir_open(&node->datadir, node->config.data_dir, err);
	if (rv != 0) {
		return rv;
	}
	propose_init(&node->propose, &io, datadir_random_id(),
		     node->config.request_timeout_ms);
	readindex_init(&node->readindex, node->config.request_timeout_ms);
	rv = vote_open(&node->vote, node->datadir.vote, err);
	if (rv == 0) {
		rv = open_store(node, err);
	}
	if (rv == 0) {
		rv = loop_open(&node->loop, core_idle, node);
		node->loop_open = rv == 0;
	}
	if (rv == 0) {
		rv = open_log(node, err);
	}
	if (rv == 0) {
		rv = open_applier(node);
	}
	if (rv != 0) {
		return rv;
	}
	loop_call(&node->loop, &starting.task, init_loop_side);
	node->loop_ready = true;
	if (node->config.bootstrap && is_blank(node)) {
		rv = bootstrap_cluster(node, err);
	}
	return rv == 0 ? start_core(node, err) : rv;
}

static void copy_config(struct node *node, const struct node_config *config)
{
	node->config = *config;
	node->logger = *config->logger;
	(void)snprintf(node->name, sizeof(node->name), "%s", config->name);
	(void)snprintf(node->address, sizeof(node->address), "%s",
		       config->advertise);
	node->config.logger = &node->logger;
	node->config.name = node->name;
	node->config.advertise = node->address;
}

int node_open(struct node **out, const struct node_config *config,
	      struct err *err)
{
	struct node *node = check_calloc(1, sizeof(*node));
	int rv;

	err_set(err, ERR_EXIT_FAILURE, "%s: cannot be opened",
		config->data_dir);
	copy_config(node, config);
	node->datadir.lock_fd = -1;
	mutex_init(&node->lock);
	cond_init(&node->serving_cond);
	rv = open_layers(node, err);
	node->config.data_dir = node->datadir.path;
	if (rv != 0) {
		node_close(node);
		return rv;
	}
	logger_event(&node->logger, LOGGER_INFO, "node-started",
		     "id=%016llx name=%s applied=%llu log=%llu-%llu",
		     (unsigned long long)node->datadir.node_id, node->name,
		     (unsigned long long)store_applied_index(node->store),
		     (unsigned long long)log_first(node->log),
		     (unsigned long long)log_last(node->log));
	*out = node;
	return 0;
}

int node_wait_serving(struct node *node, unsigned timeout_ms)
{
	uint64_t deadline_ms = clock_ms() + timeout_ms;
	int rv = 0;

	mutex_lock(&node->lock);
	while (rv == 0 && node->status.state != NODE_UNJOINED &&
	       !(node->fresh && node->session_open)) {
		if (atomic_load(&node->faulted)) {
			rv = -EIO;
		} else {
			rv = cond_wait_until(&node->serving_cond, &node->lock,
					     deadline_ms);
		}
	}
	mutex_unlock(&node->lock);
	return rv;
}

/* ---- Closing -------------------------------------------------------- */

struct closing {
	struct loop_task task;
	struct node *node;
};

static void refuse_all(struct loop_task *task)
{
	struct node *node = CONTAINER_OF(task, struct closing, task)->node;

	assert_on_loop();
	node->closing = true;
	session_stop(&node->session);
	checkpoint_stop(&node->checkpoint);
	space_stop(&node->space);
	propose_close(&node->propose);
	readindex_set_fresh(&node->readindex, false);
	readindex_refuse(&node->readindex, -ETIMEDOUT);
	uv_close((uv_handle_t *)&node->raft_timer, NULL);
	uv_close((uv_handle_t *)&node->expire_timer, NULL);
}

static void free_core(struct loop_task *task)
{
	struct node *node = CONTAINER_OF(task, struct closing, task)->node;

	assert_on_loop();
	consensus_free(node->consensus);
	node->consensus = NULL;
}

void node_close(struct node *node)
{
	struct closing closing = {.node = node};

	if (node == NULL) {
		return;
	}
	if (node->loop_ready) {
		loop_call(&node->loop, &closing.task, refuse_all);
	}
	/* Both may still post to the loop, which drops what comes now. */
	log_close(node->log);
	applier_close(node->applier);
	if (node->loop_ready) {
		loop_call(&node->loop, &closing.task, free_core);
	}
	if (node->loop_open) {
		loop_close(&node->loop);
	}
	if (node->loop_ready) {
		session_fini(&node->session);
	}
	store_close(node->store);
	vote_close(node->vote);
	if (node->datadir.lock_fd >= 0) {
		propose_fini(&node->propose);
		datadir_close(&node->datadir);
	}
	cond_fini(&node->serving_cond);
	mutex_fini(&node->lock);
	free(node);
}

/* ---- For the mount -------------------------------------------------- */

struct store *node_store(struct node *node)
{
	return node->store;
}

uint64_t node_ticket(struct node *node)
{
	return atomic_fetch_add(&node->next_ticket, 1) + 1;
}

static void add_proposal(struct loop_task *task)
{
	struct proposal *p = CONTAINER_OF(task, struct proposal, task);
	struct node *node = p->node;

	assert_on_loop();
	propose_add(&node->propose, p, uv_now(&node->loop.uv));
}

void node_propose(struct node *node, struct proposal *p)
{
	p->node = node;
	loop_post(&node->loop, &p->task, add_proposal);
}

static void add_gate(struct loop_task *task)
{
	struct gate *gate = CONTAINER_OF(task, struct gate, task);
	struct node *node = gate->node;

	assert_on_loop();
	readindex_add(&node->readindex, gate, uv_now(&node->loop.uv));
}

bool node_gate(struct node *node, struct gate *gate)
{
	if (readindex_is_fresh(&node->readindex)) {
		return true;
	}
	gate->node = node;
	loop_post(&node->loop, &gate->task, add_gate);
	return false;
}

struct withdrawal {
	struct loop_task task;
	struct node *node;
	uint64_t ticket;
	bool abandon;
};

static void withdraw(struct loop_task *task)
{
	struct withdrawal *w = CONTAINER_OF(task, struct withdrawal, task);

	assert_on_loop();
	propose_withdraw(&w->node->propose, w->ticket, w->abandon);
	readindex_withdraw(&w->node->readindex, w->ticket);
	free(w);
}

void node_withdraw(struct node *node, uint64_t ticket, bool abandon)
{
	struct withdrawal *w = check_malloc(sizeof(*w));

	CHECK(ticket != 0);
	w->node = node;
	w->ticket = ticket;
	w->abandon = abandon;
	loop_post(&node->loop, &w->task, withdraw);
}

void node_release(struct node *node, uint64_t ino)
{
	session_release(&node->session, ino);
}

uint64_t node_take_ino(struct node *node)
{
	return session_take_ino(&node->session);
}

const char *node_state_name(enum node_state state)
{
	static const char *const names[] = {
		[NODE_STARTING] = "starting",
		[NODE_UNJOINED] = "unjoined",
		[NODE_FOLLOWER] = "follower",
		[NODE_CANDIDATE] = "candidate",
		[NODE_LEADER] = "leader",
		[NODE_REMOVED] = "removed",
		[NODE_UPGRADE_REQUIRED] = "upgrade-required",
		[NODE_FAILED] = "failed",
	};

	return names[state];
}

void node_status(struct node *node, struct node_status *out)
{
	mutex_lock(&node->lock);
	*out = node->status;
	mutex_unlock(&node->lock);
	out->id = node->datadir.node_id;
	out->cluster_id = node->datadir.cluster_id;
	memcpy(out->name, node->name, sizeof(out->name));
	memcpy(out->address, node->address, sizeof(out->address));
	out->commit = atomic_load(&node->commit);
	out->applied = store_applied_index(node->store);
	if (out->commit < out->applied) {
		out->commit = out->applied;
	}
	out->log_first = log_first(node->log);
	out->log_last = log_last(node->log);
	out->db_bytes = store_disk_bytes(node->store);
	out->log_bytes = log_disk_bytes(node->log);
	out->disk_free_bytes = atomic_load(&node->space.free_bytes);
	out->pending = atomic_load(&node->propose.n);
	out->request_timeout_ms = node->config.request_timeout_ms;
}
