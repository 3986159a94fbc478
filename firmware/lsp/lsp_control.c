#include "lsp_sensor.h"

#define ALL_STREAMS(n) ((uint16_t)((1u << (n)) - 1u))
#define LEAST_INTERVAL 6     /* 7.5 ms, in units of 1.25 ms (Bluetooth Core, LE connection parameters) */
#define MOST_INTERVAL 3200
#define MOST_LATENCY 499
#define LEAST_TIMEOUT 10     /* 100 ms, in units of 10 ms */
#define MOST_TIMEOUT 3200
#define REQUEST_HEAD 2

static const uint8_t PARAMETER_BYTES[LSP_OP_RESET + 1] = {0, 2, 0, 5, 2, 2, 8, 0, 2, 2, 2, 0, 7, 6, 0, 0};

static uint8_t start(struct lsp_sensor *sensor, uint16_t payload, uint16_t mask)
{
    bool was_streaming = lsp_streaming(sensor);
    uint16_t fresh = 0;
    uint8_t i, result;

    mask &= ALL_STREAMS(sensor->n_streams);
    if (!mask)
        return LSP_BAD_PARAMETER;
    for (i = 0; i < sensor->n_streams; i++) {
        if (!(mask >> i & 1) || sensor->streams[i].running)
            continue; /* a stream that runs takes no notice, so that indices go on over a reconnect */
        if (!lsp_packet_size(&sensor->streams[i], payload))
            return LSP_MTU_TOO_SMALL;
        fresh |= (uint16_t)(1u << i);
    }
    if (!fresh)
        return LSP_OK;
    result = sensor->board.start ? sensor->board.start(sensor->board.context, fresh) : LSP_OK;
    if (result != LSP_OK)
        return result;
    for (i = 0; i < sensor->n_streams; i++)
        if (fresh >> i & 1)
            lsp_stream_start(&sensor->streams[i]);
    if (!was_streaming)
        sensor->status_due = 0;
    return LSP_OK;
}

/* A stream that may be changed, or what is wrong with the wish. */
static uint8_t expect_stopped(const struct lsp_sensor *sensor, uint8_t stream)
{
    if (stream >= sensor->n_streams)
        return LSP_BAD_PARAMETER;
    return lsp_streaming(sensor) ? LSP_WRONG_STATE : LSP_OK;
}

static uint8_t change(struct lsp_stream *stream, const struct lsp_descriptor *wanted, struct lsp_period period)
{
    if (!wanted->rate_mhz || stream->storage_bytes < lsp_ring_bytes(wanted, LSP_RING_S))
        return LSP_BAD_PARAMETER;
    stream->descriptor = *wanted;
    stream->period = period;
    return LSP_OK;
}

static uint8_t set_rate(struct lsp_sensor *sensor, uint8_t number, uint32_t rate_mhz)
{
    uint8_t result = expect_stopped(sensor, number);
    struct lsp_descriptor wanted;
    struct lsp_period period;

    if (result != LSP_OK)
        return result;
    if (!sensor->board.set_rate)
        return LSP_UNSUPPORTED;
    wanted = sensor->streams[number].descriptor;
    wanted.rate_mhz = rate_mhz;
    if (!rate_mhz || sensor->streams[number].storage_bytes < lsp_ring_bytes(&wanted, LSP_RING_S))
        return LSP_BAD_PARAMETER;
    period.ticks = LSP_TICK_HZ * 1000u;
    period.samples = rate_mhz;
    result = sensor->board.set_rate(sensor->board.context, number, rate_mhz, &period);
    return result == LSP_OK ? change(&sensor->streams[number], &wanted, period) : result;
}

static uint8_t set_samples_per_packet(struct lsp_sensor *sensor, uint8_t number, uint8_t samples)
{
    uint8_t result = expect_stopped(sensor, number);
    struct lsp_stream *stream;

    if (result != LSP_OK)
        return result;
    stream = &sensor->streams[number];
    if (!samples || LSP_LONG_HEADER_BYTES + samples * lsp_sample_bytes(&stream->descriptor) > sensor->identity.max_payload)
        return LSP_BAD_PARAMETER;
    stream->descriptor.samples_per_packet = samples;
    return LSP_OK;
}

static uint8_t set_format(struct lsp_sensor *sensor, uint8_t number, uint8_t format)
{
    uint8_t result = expect_stopped(sensor, number);
    struct lsp_descriptor wanted;

    if (result != LSP_OK)
        return result;
    wanted = sensor->streams[number].descriptor;
    wanted.format = format;
    if (!lsp_value_bytes(format) || sensor->streams[number].storage_bytes < lsp_ring_bytes(&wanted, LSP_RING_S) ||
        LSP_LONG_HEADER_BYTES + wanted.samples_per_packet * lsp_sample_bytes(&wanted) > sensor->identity.max_payload)
        return LSP_BAD_PARAMETER;
    if (format == sensor->streams[number].descriptor.format)
        return LSP_OK;
    if (!sensor->board.set_format)
        return LSP_UNSUPPORTED;
    result = sensor->board.set_format(sensor->board.context, number, format);
    return result == LSP_OK ? change(&sensor->streams[number], &wanted, sensor->streams[number].period) : result;
}

static uint8_t impedance(struct lsp_sensor *sensor, uint16_t mask, bool begin)
{
    uint8_t result;

    if (!sensor->board.impedance)
        return LSP_UNSUPPORTED;
    if (!mask || mask & ~ALL_STREAMS(sensor->health.channels))
        return LSP_BAD_PARAMETER;
    if (!begin && !(sensor->health.flags & LSP_IMPEDANCE_RUNNING))
        return LSP_WRONG_STATE;
    result = sensor->board.impedance(sensor->board.context, begin ? mask : 0);
    if (result == LSP_OK) {
        sensor->health.flags &= (uint8_t)~LSP_IMPEDANCE_RUNNING;
        sensor->health.flags |= begin ? LSP_IMPEDANCE_RUNNING : 0;
        sensor->status_due = 0;
    }
    return result;
}

static uint8_t set_connection(struct lsp_sensor *sensor, const uint8_t *in)
{
    uint16_t interval = lsp_get16(in), latency = lsp_get16(in + 2), timeout = lsp_get16(in + 4);
    bool possible = interval >= LEAST_INTERVAL && interval <= MOST_INTERVAL && latency <= MOST_LATENCY &&
                    timeout >= LEAST_TIMEOUT && timeout <= MOST_TIMEOUT &&
                    /* timeout * 10 ms > (1 + latency) * interval * 1.25 ms * 2, as Bluetooth asks */
                    (uint32_t)timeout * 4 > (1u + latency) * (uint32_t)interval;

    if (!possible)
        return LSP_BAD_PARAMETER;
    return sensor->board.set_conn ? sensor->board.set_conn(sensor->board.context, interval, latency, timeout)
                                  : LSP_UNSUPPORTED;
}

static uint8_t asked(struct lsp_sensor *sensor, uint8_t (*what)(void *context))
{
    return what ? what(sensor->board.context) : LSP_UNSUPPORTED;
}

static uint8_t answered(struct lsp_sensor *sensor, uint64_t tick, uint16_t payload, uint8_t op, const uint8_t *in)
{
    switch (op) {
    case LSP_OP_START:
        return start(sensor, payload, lsp_get16(in));
    case LSP_OP_STOP:
        lsp_stop(sensor);
        return LSP_OK;
    case LSP_OP_SET_RATE:
        return set_rate(sensor, in[0], lsp_get32(in + 1));
    case LSP_OP_SET_SPP:
        return set_samples_per_packet(sensor, in[0], in[1]);
    case LSP_OP_SET_FORMAT:
        return set_format(sensor, in[0], in[1]);
    case LSP_OP_SET_TIME:
        if (lsp_get64(in) <= tick)
            return LSP_BAD_PARAMETER;
        sensor->unix_offset_us = lsp_get64(in) - tick;
        return LSP_OK;
    case LSP_OP_GET_TIME:
        return LSP_OK;
    case LSP_OP_IMPEDANCE_START:
    case LSP_OP_IMPEDANCE_STOP:
        return impedance(sensor, lsp_get16(in), op == LSP_OP_IMPEDANCE_START);
    case LSP_OP_KEEPALIVE:
        sensor->keepalive_us = (uint64_t)lsp_get16(in) * LSP_TICK_HZ;
        sensor->keepalive_due = tick + sensor->keepalive_us;
        return LSP_OK;
    case LSP_OP_IDENTIFY:
        return asked(sensor, sensor->board.identify);
    case LSP_OP_RESEND:
        return lsp_resend(sensor, payload, in[0], lsp_get32(in + 1), lsp_get16(in + 5));
    case LSP_OP_SET_CONN:
        return set_connection(sensor, in);
    case LSP_OP_SAVE:
        return asked(sensor, sensor->board.save);
    default:
        return asked(sensor, sensor->board.reset);
    }
}

size_t lsp_control(struct lsp_sensor *sensor, uint64_t tick, uint16_t payload, const uint8_t *request, size_t length,
                   uint8_t *response)
{
    uint8_t op = length > 0 ? request[0] : 0, result;

    response[0] = 0x80 | op;
    response[1] = length > 1 ? request[1] : 0;
    if (length < REQUEST_HEAD)
        result = LSP_BAD_LENGTH;
    else if (op < LSP_OP_START || op > LSP_OP_RESET)
        result = LSP_UNKNOWN_OP;
    else if (length - REQUEST_HEAD != PARAMETER_BYTES[op])
        result = LSP_BAD_LENGTH;
    else
        result = answered(sensor, tick, payload, op, request + REQUEST_HEAD);
    response[2] = result;
    if (op != LSP_OP_GET_TIME || result != LSP_OK)
        return 3;
    lsp_put64(lsp_put64(response + 3, tick), lsp_unix_us(sensor, tick));
    return LSP_MAX_RESPONSE;
}
