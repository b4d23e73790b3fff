/**
 * Names and signatures of @std/async, which lives on JSR only: `#std/async` points here, and can point there.
 *
 * Own code, and only what somebody here uses. Nothing on the way of a token uses it.
 */
export { abortable } from "./abortable.ts";
export { type DeadlineOptions, deadline } from "./deadline.ts";
export { type DebouncedFunction, debounce } from "./debounce.ts";
export { type DelayOptions, delay } from "./delay.ts";
