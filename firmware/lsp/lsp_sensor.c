#include "lsp_sensor.h"

#include <string.h>

bool lsp_init(struct lsp_sensor *sensor, const struct lsp_identity *identity, const struct lsp_board *board,
              const struct lsp_stream *streams, uint8_t n_streams)
{
    uint8_t i, channel;

    memset(sensor, 0, sizeof *sensor);
    if (n_streams > LSP_MAX_STREAMS)
        return false;
    sensor->identity = *identity;
    sensor->board = *board;
    sensor->n_streams = n_streams;
    for (i = 0; i < n_streams; i++) {
        const struct lsp_stream *stream = &streams[i];

        if (stream->descriptor.id != i || !lsp_sample_bytes(&stream->descriptor) || !stream->period.samples ||
            stream->descriptor.channels > LSP_MAX_CHANNELS ||
            stream->storage_bytes < lsp_ring_bytes(&stream->descriptor, LSP_RING_S))
            return false;
        sensor->streams[i] = *stream;
        if (stream->descriptor.kind == LSP_EMG && !sensor->health.channels)
            sensor->health.channels = stream->descriptor.channels;
    }
    for (channel = 0; channel < LSP_MAX_CHANNELS; channel++)
        sensor->health.impedance_ohm[channel] = LSP_NO_IMPEDANCE;
    lsp_raise(sensor, 0, LSP_BOOT_EVENT, (int32_t)(identity->boot_id & 0x7FFFFFFF));
    return true;
}

size_t lsp_info(const struct lsp_sensor *sensor, uint8_t *out)
{
    size_t length = lsp_info_header(out, &sensor->identity, sensor->n_streams);
    uint8_t i;

    for (i = 0; i < sensor->n_streams; i++)
        length += lsp_info_stream(out + length, &sensor->streams[i].descriptor);
    return length;
}

bool lsp_streaming(const struct lsp_sensor *sensor)
{
    uint8_t i;

    for (i = 0; i < sensor->n_streams; i++)
        if (sensor->streams[i].running)
            return true;
    return false;
}

uint64_t lsp_unix_us(const struct lsp_sensor *sensor, uint64_t tick)
{
    return sensor->unix_offset_us ? sensor->unix_offset_us + tick : 0;
}

void lsp_put(struct lsp_sensor *sensor, uint8_t stream, uint64_t tick, const int32_t *values, uint32_t n_samples)
{
    struct lsp_stream *taking;

    if (stream >= sensor->n_streams || !sensor->streams[stream].running)
        return;
    taking = &sensor->streams[stream];
    if (!taking->produced)
        taking->first_tick = tick;
    if (!lsp_stream_put(taking, values, n_samples) && !sensor->overflowed) {
        sensor->overflowed = true;
        lsp_raise(sensor, tick, LSP_OVERFLOW_EVENT, stream);
    }
}

void lsp_missed(struct lsp_sensor *sensor, uint8_t stream, uint32_t n_samples)
{
    /* What was missed before the first sample is before the start. */
    if (stream < sensor->n_streams && sensor->streams[stream].running && sensor->streams[stream].produced)
        lsp_stream_missed(&sensor->streams[stream], n_samples);
}

void lsp_linked(struct lsp_sensor *sensor)
{
    uint8_t i;

    sensor->linked = true;
    sensor->payload = 0;
    sensor->is_ready = false;
    sensor->overflowed = false;
    for (i = 0; i < sensor->n_streams; i++)
        sensor->streams[i].sync_due = 0;
    sensor->status_due = 0;
}

void lsp_unlinked(struct lsp_sensor *sensor)
{
    uint8_t i;

    sensor->linked = false;
    sensor->is_ready = false;
    /* From the newest to the oldest, so that each stream ends at its oldest. */
    for (i = sensor->n_in_flight; i > 0; i--) {
        const struct lsp_in_flight *lost = &sensor->in_flight[i - 1];

        if (lost->stream >= 0)
            lsp_stream_rewind(&sensor->streams[lost->stream], lost->place.start, lost->place.seq);
    }
    sensor->n_in_flight = 0;
    sensor->n_resends = 0;
}

static size_t make_sync(struct lsp_sensor *sensor, uint8_t number, const struct lsp_place *place, uint8_t *out)
{
    const struct lsp_stream *stream = &sensor->streams[number];
    uint64_t tick = lsp_tick_of(stream, place->start);
    struct lsp_header header;

    header.stream = number;
    header.flags = 0;
    header.seq = place->seq;
    header.index = (uint32_t)place->start;
    header.tick = (uint32_t)tick;
    sensor->ready_is_sync = true;
    return lsp_sync(out, &header, lsp_unix_us(sensor, tick));
}

static size_t make_data(const struct lsp_sensor *sensor, uint8_t number, const struct lsp_place *place, uint8_t *out)
{
    const struct lsp_stream *stream = &sensor->streams[number];
    bool off = (stream->descriptor.flags & LSP_LEAD_OFF_CAPABLE) &&
               (sensor->health.lead_off_p || sensor->health.lead_off_n);

    return lsp_stream_packet(stream, place, sensor->payload < LSP_LONG_LEAST, off ? LSP_LEAD_OFF : 0, out);
}

/* Whether a packet that went out before fits into this link; a long one cannot become a short one. */
static bool fits(const struct lsp_stream *stream, const struct lsp_place *place, uint16_t payload)
{
    return payload < LSP_LONG_LEAST ? place->is_short : place->n_samples <= lsp_packet_size(stream, payload);
}

static size_t make_again(struct lsp_sensor *sensor, uint8_t *out)
{
    while (sensor->n_resends) {
        struct lsp_resend *wanted = &sensor->resends[0];
        const struct lsp_stream *stream = &sensor->streams[wanted->stream];
        struct lsp_place *place = &sensor->ready.place;

        if (stream->running && lsp_stream_again(stream, wanted->index, place) && place->start < wanted->stop) {
            sensor->ready.stream = -1;
            if (fits(stream, place, sensor->payload))
                return make_data(sensor, wanted->stream, place, out);
            wanted->index = place->start + place->n_samples;
            continue;
        }
        sensor->n_resends--;
        memmove(sensor->resends, sensor->resends + 1, sensor->n_resends * sizeof sensor->resends[0]);
    }
    return 0;
}

/* The next packet of the stream whose unsent samples are the oldest. */
static size_t make_next(struct lsp_sensor *sensor, uint8_t *out)
{
    struct lsp_place place;
    int8_t chosen = -1;
    uint64_t least = 0;
    uint8_t i;

    for (i = 0; i < sensor->n_streams; i++) {
        if (lsp_stream_next(&sensor->streams[i], sensor->payload, &place)) {
            uint64_t tick = lsp_tick_of(&sensor->streams[i], place.start);

            if (chosen < 0 || tick < least) {
                chosen = (int8_t)i;
                least = tick;
                sensor->ready.place = place;
            }
        }
    }
    sensor->ready.stream = chosen;
    if (chosen < 0)
        return 0;
    sensor->ready_size = lsp_packet_size(&sensor->streams[chosen], sensor->payload);
    if (sensor->payload < LSP_LONG_LEAST && sensor->ready.place.start >= sensor->streams[chosen].sync_due)
        return make_sync(sensor, (uint8_t)chosen, &sensor->ready.place, out);
    return make_data(sensor, (uint8_t)chosen, &sensor->ready.place, out);
}

size_t lsp_data(struct lsp_sensor *sensor, uint16_t payload, uint8_t *out)
{
    size_t length;

    if (!sensor->linked || sensor->n_in_flight == LSP_IN_FLIGHT)
        return 0;
    if (!sensor->payload)
        sensor->payload = payload < sensor->identity.max_payload ? payload : sensor->identity.max_payload;
    sensor->ready_is_sync = false;
    length = make_again(sensor, out);
    if (!length)
        length = make_next(sensor, out);
    sensor->is_ready = length > 0;
    return length;
}

void lsp_data_sent(struct lsp_sensor *sensor)
{
    struct lsp_in_flight sent = sensor->ready;

    if (!sensor->is_ready)
        return;
    sensor->is_ready = false;
    if (sent.stream < 0) {
        sensor->resends[0].index = sent.place.start + sent.place.n_samples;
        if (sent.place.dropped)
            sensor->streams[sensor->resends[0].stream].sync_due = 0;
    } else {
        struct lsp_stream *stream = &sensor->streams[sent.stream];

        if (sensor->ready_is_sync) {
            stream->sync_due = sent.place.start + (stream->descriptor.rate_mhz + 999) / 1000;
            sent.stream = -1;
        } else {
            lsp_stream_sent(stream, &sent.place, sensor->ready_size);
            if (sent.place.dropped) /* only a sync tells where a short packet behind a loss belongs */
                stream->sync_due = 0;
        }
    }
    sensor->in_flight[sensor->n_in_flight++] = sent;
}

void lsp_data_delivered(struct lsp_sensor *sensor)
{
    if (!sensor->n_in_flight)
        return;
    sensor->n_in_flight--;
    memmove(sensor->in_flight, sensor->in_flight + 1, sensor->n_in_flight * sizeof sensor->in_flight[0]);
}

void lsp_stop(struct lsp_sensor *sensor)
{
    uint8_t i;

    for (i = 0; i < sensor->n_streams; i++)
        sensor->streams[i].running = false;
    for (i = 0; i < sensor->n_in_flight; i++)
        sensor->in_flight[i].stream = -1;
    sensor->n_resends = 0;
    sensor->is_ready = false;
    sensor->keepalive_us = 0;
    sensor->status_due = 0;
    if (sensor->board.stop)
        sensor->board.stop(sensor->board.context);
}

uint8_t lsp_resend(struct lsp_sensor *sensor, uint16_t payload, uint8_t stream, uint32_t index, uint16_t count)
{
    struct lsp_place place;
    const struct lsp_stream *asked;
    uint64_t first;

    if (stream >= sensor->n_streams || !count)
        return LSP_BAD_PARAMETER;
    asked = &sensor->streams[stream];
    if (!asked->running)
        return LSP_WRONG_STATE;
    /* The index is wrapped: the nearest one at or before what was sent last is meant. */
    first = asked->sent - (uint32_t)((uint32_t)asked->sent - index);
    if (first > asked->sent || !lsp_stream_again(asked, first, &place) || place.start >= first + count)
        return LSP_BAD_PARAMETER;
    if (!fits(asked, &place, sensor->payload ? sensor->payload : payload))
        return LSP_MTU_TOO_SMALL;
    if (sensor->n_resends == LSP_RESENDS)
        return LSP_BUSY;
    sensor->resends[sensor->n_resends].stream = stream;
    sensor->resends[sensor->n_resends].index = first;
    sensor->resends[sensor->n_resends++].stop = first + count;
    return LSP_OK;
}
