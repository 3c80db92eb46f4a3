/**
 * Networks that live outside the library: a record, its layers and one line in META-INF/services.
 */
@NullMarked
package com.example.networks;

import org.jspecify.annotations.NullMarked;
