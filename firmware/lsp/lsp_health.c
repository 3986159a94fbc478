#include "lsp_sensor.h"

#include <string.h>

void lsp_raise(struct lsp_sensor *sensor, uint64_t tick, uint8_t type, int32_t value)
{
    struct lsp_event *event;

    if (sensor->n_events == LSP_EVENTS)
        lsp_event_sent(sensor);
    event = &sensor->events[sensor->n_events++];
    event->type = type;
    event->seq = sensor->event_seq++;
    event->tick = (uint32_t)tick;
    event->value = value;
}

size_t lsp_next_event(const struct lsp_sensor *sensor, uint8_t *out)
{
    return sensor->n_events ? lsp_event_bytes(out, &sensor->events[0]) : 0;
}

void lsp_event_sent(struct lsp_sensor *sensor)
{
    if (!sensor->n_events)
        return;
    sensor->n_events--;
    memmove(sensor->events, sensor->events + 1, sensor->n_events * sizeof sensor->events[0]);
}

void lsp_set_lead_off(struct lsp_sensor *sensor, uint64_t tick, uint8_t positive, uint8_t negative)
{
    if (sensor->health.lead_off_p == positive && sensor->health.lead_off_n == negative)
        return;
    sensor->health.lead_off_p = positive;
    sensor->health.lead_off_n = negative;
    sensor->status_due = 0;
    lsp_raise(sensor, tick, LSP_LEAD_OFF_EVENT, positive | negative << 8);
}

void lsp_set_battery(struct lsp_sensor *sensor, uint64_t tick, uint16_t battery_mv, bool charging)
{
    uint16_t before = sensor->health.battery_mv;
    bool was_charging = sensor->health.flags & LSP_CHARGING;

    sensor->health.battery_mv = battery_mv;
    if (battery_mv <= LSP_LOW_BATTERY_MV && (before > LSP_LOW_BATTERY_MV || !before))
        lsp_raise(sensor, tick, LSP_LOW_BATTERY_EVENT, battery_mv);
    if (charging == was_charging)
        return;
    sensor->health.flags ^= LSP_CHARGING;
    sensor->status_due = 0;
    lsp_raise(sensor, tick, LSP_CHARGER_EVENT, charging);
}

void lsp_set_temperature(struct lsp_sensor *sensor, int16_t temperature_cc)
{
    sensor->health.temperature_cc = temperature_cc;
}

void lsp_set_impedance(struct lsp_sensor *sensor, uint8_t channel, uint32_t ohm)
{
    if (channel < sensor->health.channels) {
        sensor->health.impedance_ohm[channel] = ohm;
        sensor->status_due = 0;
    }
}

size_t lsp_status(const struct lsp_sensor *sensor, uint8_t *out)
{
    struct lsp_health now = sensor->health;
    uint8_t i;

    now.drops = 0;
    for (i = 0; i < sensor->n_streams; i++)
        now.drops += sensor->streams[i].dropped;
    if (lsp_streaming(sensor))
        now.flags |= LSP_STREAMING;
    return lsp_status_bytes(out, &now);
}

/* How full the rings are of what has not been sent, 255 for full. */
static uint8_t filled(const struct lsp_sensor *sensor)
{
    uint64_t most = 0, one;
    uint8_t i;

    for (i = 0; i < sensor->n_streams; i++) {
        const struct lsp_stream *stream = &sensor->streams[i];

        one = stream->running ? (stream->produced - stream->sent) * 255 / lsp_capacity(stream) : 0;
        most = one > most ? one : most;
    }
    return (uint8_t)(most > 255 ? 255 : most);
}

bool lsp_status_due(struct lsp_sensor *sensor, uint64_t tick)
{
    if (tick < sensor->status_due)
        return false;
    sensor->status_due = tick + LSP_STATUS_EVERY_US;
    sensor->health.queue = filled(sensor);
    return true;
}

void lsp_poll(struct lsp_sensor *sensor, uint64_t tick)
{
    uint8_t now = filled(sensor);

    sensor->health.queue = now > sensor->health.queue ? now : sensor->health.queue;
    if (sensor->keepalive_us && tick >= sensor->keepalive_due && lsp_streaming(sensor))
        lsp_stop(sensor);
}
