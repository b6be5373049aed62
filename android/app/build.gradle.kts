// For Android Studio. What is tested and shipped is built by Maven, see pom.xml.
plugins {
    alias(libs.plugins.android)
    alias(libs.plugins.kotlin)
}

android {
    namespace = libs.versions.app.id.get()
    compileSdk = libs.versions.sdk.target.get().toInt()

    defaultConfig {
        applicationId = libs.versions.app.id.get()
        minSdk = libs.versions.sdk.min.get().toInt()
        targetSdk = libs.versions.sdk.target.get().toInt()
        versionCode = libs.versions.app.code.get().toInt()
        versionName = libs.versions.app.name.get()
        ndk {
            abiFilters += listOf("arm64-v8a", "armeabi-v7a", "x86_64")
        }
    }

    sourceSets {
        // The same model and card as Python's.
        getByName("main").assets.srcDir("../../src/memesdetection/models/phone")
        // Stand-ins for what Maven Central lacks; Google's repository has the real ones.
        getByName("test").java.exclude("androidx/**")
    }
    androidResources {
        noCompress += "tflite"
        ignoreAssetsPattern = "!.*:!card.md"
    }

    signingConfigs {
        getByName("debug") {
            storeFile = rootProject.file("debug.p12")
            storeType = "pkcs12"
            storePassword = "android"
            keyAlias = "debug"
            keyPassword = "android"
        }
        create("release") {
            val environment = System.getenv()
            environment["MEMES_KEYSTORE"]?.let { storeFile = rootProject.file(it) }
            storePassword = environment["MEMES_KEYSTORE_PASSWORD"]
            keyAlias = environment["MEMES_KEY_ALIAS"]
            keyPassword = environment["MEMES_KEY_PASSWORD"] ?: storePassword
        }
    }
    buildTypes {
        release {
            val key = if ("MEMES_KEYSTORE" in System.getenv()) "release" else "debug"
            signingConfig = signingConfigs.getByName(key)
        }
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }
    kotlinOptions {
        jvmTarget = "1.8"
    }
    testOptions {
        unitTests.isIncludeAndroidResources = true
    }
}

dependencies {
    implementation(libs.litert)
    testImplementation(libs.junit)
    testImplementation(libs.robolectric)
}
