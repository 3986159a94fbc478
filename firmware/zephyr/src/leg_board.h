/* What the parts of the board's firmware know of each other. */
#ifndef LEG_BOARD_H
#define LEG_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include <zephyr/kernel.h>

#include "lsp_sensor.h"

#define STREAM_EMG 0
#define STREAM_ACC 1

/* The converter divides its 500 kHz by 4 * 128: a sample each 1024 us, by the crystal that counts the ticks. */
#define EMG_PERIOD_TICKS 1024
#define EMG_RATE_MHZ 976563
#define EMG_PER_ACC 10
#define ACC_RATE_MHZ 97656

/* One sensor; every call into it holds this lock, and nothing that can wait for the radio does. */
extern struct lsp_sensor sensor;
extern struct k_mutex sensor_lock;

/* ticks.c: microseconds since boot. */
int ticks_start(void);
uint64_t ticks_now(void);

/* front_end.c: EMG into stream 0 from a thread of its own; each tenth sample asks for one of acceleration. */
int front_end_start(void);

/* motion.c: acceleration into stream 1; a sample now, and how many before it could not be asked for. */
int motion_start(void);
void motion_sample(uint64_t tick, uint32_t n_skipped);

/* power.c */
int power_start(void);
bool power_plugged_in(void);
void power_measure(void);
void power_blink(void);

/* gatt.c */
int gatt_start(void);
void gatt_set_connection(uint16_t interval, uint16_t latency, uint16_t timeout);
void gatt_wake(void); /* there may be something to send */

#endif
