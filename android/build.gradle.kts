plugins {
    alias(libs.plugins.android) apply false
    alias(libs.plugins.kotlin) apply false
}
