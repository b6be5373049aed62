import javax.xml.parsers.DocumentBuilderFactory
import org.w3c.dom.Element

pluginManagement {
    repositories {
        google()
        mavenCentral()
    }
}

// The one place for versions, read by Maven and here.
val pom: Element =
    DocumentBuilderFactory
        .newInstance()
        .newDocumentBuilder()
        .parse(settingsDir.resolve("pom.xml"))
        .documentElement

fun pom(name: String): String = pom.getElementsByTagName(name).item(0).textContent

dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
    }
    versionCatalogs {
        create("libs") {
            version("app-id", pom("app.id"))
            version("app-code", pom("app.versionCode"))
            // The first in the file is the project's own.
            version("app-name", pom("version"))
            version("sdk-min", pom("sdk.min"))
            version("sdk-target", pom("sdk.target"))
            plugin("android", "com.android.application").version(pom("gradle.android.version"))
            plugin("kotlin", "org.jetbrains.kotlin.android").version(pom("kotlin.version"))
            library("litert", "com.google.ai.edge.litert", "litert").version(pom("litert.version"))
            library("junit", "junit", "junit").version(pom("junit.version"))
            library("robolectric", "org.robolectric", "robolectric")
                .version(pom("robolectric.version"))
        }
    }
}

rootProject.name = "memes"
include(":app")
