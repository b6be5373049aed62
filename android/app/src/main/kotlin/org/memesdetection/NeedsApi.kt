package org.memesdetection

/**
 * Marks a small function that calls what Android has only from [level] on, above the minSdk.
 *
 * Only call it behind `Build.VERSION.SDK_INT >= level`. The build lets nothing else use such APIs.
 */
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.FUNCTION, AnnotationTarget.CONSTRUCTOR, AnnotationTarget.CLASS)
annotation class NeedsApi(val level: Int)
