/*
 * Leg Sensor Profile: a whole sensor without a radio, a converter or an operating system.
 *
 * The board's part calls in: lsp_put() with samples, lsp_control() with what was written to the control point,
 * lsp_data() for the next notification. What the board has to do on request, it gives as functions. Nothing here
 * blocks, allocates or waits; calls from several threads need a lock around each of them.
 *
 *     lsp_init()                                   once
 *     lsp_linked() ... lsp_unlinked()              for each link
 *     lsp_put(), lsp_missed()                      from the sampling thread
 *     lsp_data() -> notify -> lsp_data_sent()      from the sending thread, while it returns a length
 *     lsp_data_delivered()                         in the radio's "sent" callback, once for each notification
 *     lsp_next_event(), lsp_status()               the same for the other two characteristics
 *     lsp_poll()                                   once a second
 */
#ifndef LSP_SENSOR_H
#define LSP_SENSOR_H

#include "lsp_stream.h"

#define LSP_MAX_STREAMS 4
#define LSP_MAX_CHANNELS 8
#define LSP_MAX_INFO (LSP_INFO_HEADER_BYTES + LSP_MAX_STREAMS * LSP_DESCRIPTOR_BYTES)
#define LSP_MAX_RESPONSE 19
#define LSP_MAX_STATUS (LSP_STATUS_BYTES + 2 * LSP_MAX_CHANNELS)
#define LSP_IN_FLIGHT 16 /* notifications that the radio may hold; they are sent again after a lost link */
#define LSP_EVENTS 16    /* events that wait for a link; the oldest is overwritten */
#define LSP_RESENDS 8
#define LSP_STATUS_EVERY_US 10000000u
#define LSP_LOW_BATTERY_MV 3500

enum lsp_op {
    LSP_OP_START = 1,
    LSP_OP_STOP,
    LSP_OP_SET_RATE,
    LSP_OP_SET_SPP,
    LSP_OP_SET_FORMAT,
    LSP_OP_SET_TIME,
    LSP_OP_GET_TIME,
    LSP_OP_IMPEDANCE_START,
    LSP_OP_IMPEDANCE_STOP,
    LSP_OP_KEEPALIVE,
    LSP_OP_IDENTIFY,
    LSP_OP_RESEND,
    LSP_OP_SET_CONN,
    LSP_OP_SAVE,
    LSP_OP_RESET
};
enum lsp_result {
    LSP_OK,
    LSP_UNKNOWN_OP,
    LSP_BAD_LENGTH,
    LSP_BAD_PARAMETER,
    LSP_WRONG_STATE,
    LSP_UNSUPPORTED,
    LSP_MTU_TOO_SMALL,
    LSP_BUSY
};

/*
 * What the board does when it is asked; each returns an lsp_result, and a function that is missing means UNSUPPORTED
 * (start and stop: nothing to do). They are called from lsp_control() and lsp_poll() and must not block.
 */
struct lsp_board {
    void *context;
    uint8_t (*start)(void *context, uint16_t mask);
    uint8_t (*stop)(void *context);
    uint8_t (*set_rate)(void *context, uint8_t stream, uint32_t rate_mhz, struct lsp_period *period);
    uint8_t (*set_format)(void *context, uint8_t stream, uint8_t format);
    uint8_t (*impedance)(void *context, uint16_t mask); /* 0 stops */
    uint8_t (*identify)(void *context);
    uint8_t (*set_conn)(void *context, uint16_t interval, uint16_t latency, uint16_t timeout);
    uint8_t (*save)(void *context);
    uint8_t (*reset)(void *context);
};

struct lsp_in_flight {
    int8_t stream; /* place in `streams`, or -1 for what need not be sent again */
    struct lsp_place place;
};

struct lsp_resend {
    uint8_t stream;
    uint64_t index, stop;
};

struct lsp_sensor {
    struct lsp_identity identity;
    struct lsp_board board;
    uint8_t n_streams;
    struct lsp_stream streams[LSP_MAX_STREAMS];
    struct lsp_health health;

    bool linked;
    uint16_t payload; /* of this link, fixed by its first data packet; 0 before */
    uint8_t n_in_flight;
    struct lsp_in_flight in_flight[LSP_IN_FLIGHT];
    uint8_t n_resends;
    struct lsp_resend resends[LSP_RESENDS];
    struct lsp_in_flight ready; /* what lsp_data() made and lsp_data_sent() is to note */
    uint8_t ready_size;
    bool is_ready, ready_is_sync;

    uint16_t event_seq;
    uint8_t n_events;
    struct lsp_event events[LSP_EVENTS];
    bool overflowed; /* told on this link */

    uint64_t unix_offset_us; /* UTC less tick; 0 unknown */
    uint64_t status_due, keepalive_due, keepalive_us;
};

/*
 * Set a sensor up. `streams` says what is measured: descriptor, period, storage. The descriptors' ids are their places,
 * and each ring holds LSP_RING_S seconds at least; otherwise the sensor is not set up and false is returned.
 */
bool lsp_init(struct lsp_sensor *sensor, const struct lsp_identity *identity, const struct lsp_board *board,
              const struct lsp_stream *streams, uint8_t n_streams);

/* The Info characteristic; returns its length, LSP_MAX_INFO at most. */
size_t lsp_info(const struct lsp_sensor *sensor, uint8_t *out);

/*
 * Answer what was written to the control point; returns the length of the response, which is to be indicated.
 * `payload` is what a notification holds on this link: the MTU less 3.
 */
size_t lsp_control(struct lsp_sensor *sensor, uint64_t tick, uint16_t payload, const uint8_t *request, size_t length,
                   uint8_t *response);

/* Take samples of a stream, interleaved by time; `tick` is when the first one was taken. */
void lsp_put(struct lsp_sensor *sensor, uint8_t stream, uint64_t tick, const int32_t *values, uint32_t n_samples);
/* Say that the converter's samples could not be read in time. */
void lsp_missed(struct lsp_sensor *sensor, uint8_t stream, uint32_t n_samples);

void lsp_linked(struct lsp_sensor *sensor);
/* The link is gone: what was not delivered is sent again on the next one, as far as it is still kept. */
void lsp_unlinked(struct lsp_sensor *sensor);

/* Make the next data notification; returns its length, 0 if none is due or the radio holds enough. */
size_t lsp_data(struct lsp_sensor *sensor, uint16_t payload, uint8_t *out);
/* The radio took it. Without this call lsp_data() makes it again. */
void lsp_data_sent(struct lsp_sensor *sensor);
/* The oldest notification that the radio took has arrived. */
void lsp_data_delivered(struct lsp_sensor *sensor);

/* Queue an event; it waits for a listener. */
void lsp_raise(struct lsp_sensor *sensor, uint64_t tick, uint8_t type, int32_t value);
/* Make the oldest waiting event; returns its length, 0 if there is none. It waits until lsp_event_sent(). */
size_t lsp_next_event(const struct lsp_sensor *sensor, uint8_t *out);
void lsp_event_sent(struct lsp_sensor *sensor);

/* What the board knows of itself; each change makes a status due. */
void lsp_set_lead_off(struct lsp_sensor *sensor, uint64_t tick, uint8_t positive, uint8_t negative);
void lsp_set_battery(struct lsp_sensor *sensor, uint64_t tick, uint16_t battery_mv, bool charging);
void lsp_set_temperature(struct lsp_sensor *sensor, int16_t temperature_cc);
void lsp_set_impedance(struct lsp_sensor *sensor, uint8_t channel, uint32_t ohm);

/* The Status characteristic now; returns its length, LSP_MAX_STATUS at most. */
size_t lsp_status(const struct lsp_sensor *sensor, uint8_t *out);
/* Whether one is due (each 10 s and on change); asking takes note. */
bool lsp_status_due(struct lsp_sensor *sensor, uint64_t tick);

/* What time brings: streams end when no KEEPALIVE came. */
void lsp_poll(struct lsp_sensor *sensor, uint64_t tick);

bool lsp_streaming(const struct lsp_sensor *sensor);
/* UTC of a tick, microseconds; 0 before the sensor was told. */
uint64_t lsp_unix_us(const struct lsp_sensor *sensor, uint64_t tick);
/* End all streams; the next start counts from 0. */
void lsp_stop(struct lsp_sensor *sensor);
/* Queue packets for sending again; returns an lsp_result. */
uint8_t lsp_resend(struct lsp_sensor *sensor, uint16_t payload, uint8_t stream, uint32_t index, uint16_t count);

#endif
