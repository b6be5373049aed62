// What goes wrong with one picture, or with all of them, as one sentence for the user.

/** One picture cannot be judged; the others go on. */
export class PictureError extends Error {}

/** No picture can be judged on this device. */
export class DeviceError extends Error {}
