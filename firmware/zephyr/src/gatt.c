/* The Leg Sensor Profile's service: who is linked, who listens, and the thread that sends. */
#include "leg_board.h"

#include <stdio.h>
#include <string.h>

#include <zephyr/bluetooth/bluetooth.h>
#include <zephyr/bluetooth/conn.h>
#include <zephyr/bluetooth/gatt.h>
#include <zephyr/bluetooth/uuid.h>

#define LSP_UUID(short) BT_UUID_128_ENCODE(0x7c5a0000 + (short), 0x1e0f, 0x4d6b, 0x9a52, 0x6c656773656eULL)
#define ATT_HEADER_BYTES 3
#define LOOK_EVERY_MS 20
#define POLL_EVERY_MS 1000

/* Places of the values among the attributes below. */
enum { DATA_AT = 4, CONTROL_AT = 7, EVENT_AT = 10, STATUS_AT = 13 };

struct answer {
    uint8_t length;
    uint8_t bytes[LSP_MAX_RESPONSE];
};

static struct bt_uuid_128 service_uuid = BT_UUID_INIT_128(LSP_UUID(1));
static struct bt_uuid_128 info_uuid = BT_UUID_INIT_128(LSP_UUID(2));
static struct bt_uuid_128 data_uuid = BT_UUID_INIT_128(LSP_UUID(3));
static struct bt_uuid_128 control_uuid = BT_UUID_INIT_128(LSP_UUID(4));
static struct bt_uuid_128 event_uuid = BT_UUID_INIT_128(LSP_UUID(5));
static struct bt_uuid_128 status_uuid = BT_UUID_INIT_128(LSP_UUID(6));

static struct bt_conn *current;
static K_MUTEX_DEFINE(current_lock);
static atomic_t n_delivered;
static struct bt_le_conn_param wanted_connection;
K_MSGQ_DEFINE(answers, sizeof(struct answer), 4, 1);
static K_SEM_DEFINE(something, 0, 1);
static K_SEM_DEFINE(confirmed, 1, 1);
static K_THREAD_STACK_DEFINE(stack, 3072);
static struct k_thread thread;

static uint16_t payload_of(struct bt_conn *conn)
{
    return (uint16_t)(bt_gatt_get_mtu(conn) - ATT_HEADER_BYTES);
}

static ssize_t read_info(struct bt_conn *conn, const struct bt_gatt_attr *attr, void *buf, uint16_t len, uint16_t offset)
{
    uint8_t info[LSP_MAX_INFO];
    size_t length;

    k_mutex_lock(&sensor_lock, K_FOREVER);
    length = lsp_info(&sensor, info);
    k_mutex_unlock(&sensor_lock);
    return bt_gatt_attr_read(conn, attr, buf, len, offset, info, (uint16_t)length);
}

static ssize_t read_status(struct bt_conn *conn, const struct bt_gatt_attr *attr, void *buf, uint16_t len, uint16_t offset)
{
    uint8_t status[LSP_MAX_STATUS];
    size_t length;

    k_mutex_lock(&sensor_lock, K_FOREVER);
    length = lsp_status(&sensor, status);
    k_mutex_unlock(&sensor_lock);
    return bt_gatt_attr_read(conn, attr, buf, len, offset, status, (uint16_t)length);
}

static ssize_t write_control(struct bt_conn *conn, const struct bt_gatt_attr *attr, const void *buf, uint16_t len,
                             uint16_t offset, uint8_t flags)
{
    struct answer answer;

    ARG_UNUSED(attr);
    ARG_UNUSED(flags);
    if (offset)
        return BT_GATT_ERR(BT_ATT_ERR_INVALID_OFFSET);
    if (!k_msgq_num_free_get(&answers))
        return BT_GATT_ERR(BT_ATT_ERR_INSUFFICIENT_RESOURCES);
    k_mutex_lock(&sensor_lock, K_FOREVER);
    answer.length = (uint8_t)lsp_control(&sensor, ticks_now(), payload_of(conn), buf, len, answer.bytes);
    k_mutex_unlock(&sensor_lock);
    (void)k_msgq_put(&answers, &answer, K_NO_WAIT);
    gatt_wake();
    return len;
}

static void listening(const struct bt_gatt_attr *attr, uint16_t value)
{
    ARG_UNUSED(attr);
    ARG_UNUSED(value);
    gatt_wake();
}

BT_GATT_SERVICE_DEFINE(lsp, BT_GATT_PRIMARY_SERVICE(&service_uuid),
    BT_GATT_CHARACTERISTIC(&info_uuid.uuid, BT_GATT_CHRC_READ, BT_GATT_PERM_READ, read_info, NULL, NULL),
    BT_GATT_CHARACTERISTIC(&data_uuid.uuid, BT_GATT_CHRC_NOTIFY, BT_GATT_PERM_NONE, NULL, NULL, NULL),
    BT_GATT_CCC(listening, BT_GATT_PERM_READ | BT_GATT_PERM_WRITE),
    BT_GATT_CHARACTERISTIC(&control_uuid.uuid, BT_GATT_CHRC_WRITE | BT_GATT_CHRC_INDICATE, BT_GATT_PERM_WRITE, NULL,
                           write_control, NULL),
    BT_GATT_CCC(listening, BT_GATT_PERM_READ | BT_GATT_PERM_WRITE),
    BT_GATT_CHARACTERISTIC(&event_uuid.uuid, BT_GATT_CHRC_NOTIFY, BT_GATT_PERM_NONE, NULL, NULL, NULL),
    BT_GATT_CCC(listening, BT_GATT_PERM_READ | BT_GATT_PERM_WRITE),
    BT_GATT_CHARACTERISTIC(&status_uuid.uuid, BT_GATT_CHRC_READ | BT_GATT_CHRC_NOTIFY, BT_GATT_PERM_READ, read_status,
                           NULL, NULL),
    BT_GATT_CCC(listening, BT_GATT_PERM_READ | BT_GATT_PERM_WRITE));

void gatt_wake(void)
{
    k_sem_give(&something);
}

/* The radio's part: counted here, noted by the sending thread, which may be waiting for a buffer. */
static void arrived(struct bt_conn *conn, void *user_data)
{
    ARG_UNUSED(conn);
    ARG_UNUSED(user_data);
    atomic_inc(&n_delivered);
    gatt_wake();
}

static void indicated(struct bt_gatt_indicate_params *params)
{
    ARG_UNUSED(params);
    k_sem_give(&confirmed);
    gatt_wake();
}

static bool listens(struct bt_conn *conn, int at)
{
    return bt_gatt_is_subscribed(conn, &lsp.attrs[at], BT_GATT_CCC_NOTIFY);
}

static void send_answers(struct bt_conn *conn)
{
    static struct bt_gatt_indicate_params params;
    static struct answer answer;

    while (k_sem_take(&confirmed, K_NO_WAIT) == 0) {
        if (k_msgq_get(&answers, &answer, K_NO_WAIT)) {
            k_sem_give(&confirmed);
            return;
        }
        params.attr = &lsp.attrs[CONTROL_AT];
        params.data = answer.bytes;
        params.len = answer.length;
        params.func = NULL;
        params.destroy = indicated;
        if (bt_gatt_indicate(conn, &params))
            k_sem_give(&confirmed);
    }
}

static void send_events(struct bt_conn *conn)
{
    uint8_t packet[LSP_MAX_STATUS];
    size_t length;
    bool due;

    while (listens(conn, EVENT_AT)) {
        k_mutex_lock(&sensor_lock, K_FOREVER);
        length = lsp_next_event(&sensor, packet);
        k_mutex_unlock(&sensor_lock);
        if (!length || bt_gatt_notify(conn, &lsp.attrs[EVENT_AT], packet, (uint16_t)length))
            break;
        k_mutex_lock(&sensor_lock, K_FOREVER);
        lsp_event_sent(&sensor);
        k_mutex_unlock(&sensor_lock);
    }
    if (!listens(conn, STATUS_AT))
        return;
    k_mutex_lock(&sensor_lock, K_FOREVER);
    due = lsp_status_due(&sensor, ticks_now());
    length = lsp_status(&sensor, packet);
    k_mutex_unlock(&sensor_lock);
    if (due)
        (void)bt_gatt_notify(conn, &lsp.attrs[STATUS_AT], packet, (uint16_t)length);
}

/* Nothing is locked while the radio is waited for: sampling goes on. */
static void send_data(struct bt_conn *conn)
{
    static uint8_t packet[LSP_LONG_HEADER_BYTES + 244];
    struct bt_gatt_notify_params params = {.attr = &lsp.attrs[DATA_AT], .data = packet, .func = arrived};
    size_t length;

    while (listens(conn, DATA_AT)) {
        k_mutex_lock(&sensor_lock, K_FOREVER);
        for (atomic_val_t n = atomic_clear(&n_delivered); n > 0; n--)
            lsp_data_delivered(&sensor);
        length = lsp_data(&sensor, payload_of(conn), packet);
        k_mutex_unlock(&sensor_lock);
        params.len = (uint16_t)length;
        if (!length || bt_gatt_notify_cb(conn, &params))
            return;
        k_mutex_lock(&sensor_lock, K_FOREVER);
        lsp_data_sent(&sensor);
        k_mutex_unlock(&sensor_lock);
    }
}

/* A disconnection may come in between: looking and taking a reference must be one step. */
static struct bt_conn *held_connection(void)
{
    struct bt_conn *conn;

    k_mutex_lock(&current_lock, K_FOREVER);
    conn = current ? bt_conn_ref(current) : NULL;
    k_mutex_unlock(&current_lock);
    return conn;
}

static void send_all(void *first, void *second, void *third)
{
    int64_t poll_at = 0;

    ARG_UNUSED(first);
    ARG_UNUSED(second);
    ARG_UNUSED(third);
    for (;;) {
        struct bt_conn *conn = held_connection();

        if (conn) {
            send_answers(conn);
            send_events(conn);
            send_data(conn);
            bt_conn_unref(conn);
        }
        if (k_uptime_get() >= poll_at) {
            poll_at = k_uptime_get() + POLL_EVERY_MS;
            power_measure();
            k_mutex_lock(&sensor_lock, K_FOREVER);
            lsp_poll(&sensor, ticks_now());
            k_mutex_unlock(&sensor_lock);
        }
        k_sem_take(&something, K_MSEC(LOOK_EVERY_MS));
    }
}

static void change_connection(struct k_work *work)
{
    struct bt_conn *conn = held_connection();

    ARG_UNUSED(work);
    if (conn) {
        (void)bt_conn_le_param_update(conn, &wanted_connection);
        bt_conn_unref(conn);
    }
}
static K_WORK_DEFINE(changing, change_connection);

void gatt_set_connection(uint16_t interval, uint16_t latency, uint16_t timeout)
{
    wanted_connection = (struct bt_le_conn_param)BT_LE_CONN_PARAM_INIT(interval, interval, latency, timeout);
    k_work_submit(&changing);
}

static const struct bt_data said[] = {
    BT_DATA_BYTES(BT_DATA_FLAGS, BT_LE_AD_GENERAL | BT_LE_AD_NO_BREDR),
    BT_DATA_BYTES(BT_DATA_UUID128_ALL, LSP_UUID(1)),
};

static void advertise(struct k_work *work)
{
    struct bt_data name = BT_DATA(BT_DATA_NAME_COMPLETE, bt_get_name(), (uint8_t)strlen(bt_get_name()));

    ARG_UNUSED(work);
    (void)bt_le_adv_start(BT_LE_ADV_CONN_FAST_2, said, ARRAY_SIZE(said), &name, 1);
}
static K_WORK_DEFINE(advertising, advertise);

static void connected(struct bt_conn *conn, uint8_t error)
{
    if (error)
        return;
    k_mutex_lock(&current_lock, K_FOREVER);
    current = bt_conn_ref(conn);
    k_mutex_unlock(&current_lock);
    atomic_clear(&n_delivered);
    k_mutex_lock(&sensor_lock, K_FOREVER);
    lsp_linked(&sensor);
    k_mutex_unlock(&sensor_lock);
}

static void disconnected(struct bt_conn *conn, uint8_t reason)
{
    ARG_UNUSED(reason);
    k_mutex_lock(&sensor_lock, K_FOREVER);
    lsp_unlinked(&sensor);
    k_mutex_unlock(&sensor_lock);
    k_msgq_purge(&answers);
    k_mutex_lock(&current_lock, K_FOREVER);
    current = NULL;
    k_mutex_unlock(&current_lock);
    bt_conn_unref(conn);
}

static void recycled(void)
{
    k_work_submit(&advertising);
}

BT_CONN_CB_DEFINE(links) = {.connected = connected, .disconnected = disconnected, .recycled = recycled};

int gatt_start(void)
{
    char name[] = "LSP-0000";
    int error = bt_enable(NULL);

    (void)snprintf(name, sizeof name, "LSP-%04X", (unsigned int)(sensor.identity.device_uid & 0xFFFF));
    error = error ? error : bt_set_name(name);
    if (error)
        return error;
    k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), send_all, NULL, NULL, NULL, K_PRIO_PREEMPT(5), 0, K_NO_WAIT);
    k_work_submit(&advertising);
    return 0;
}
